import { type PersonalFrame, readWatcher, WATCHER_HEADER } from "../contracts/live.ts";
import { DIRECT_FRAMES_PER_SECOND, DIRECT_WATCHERS_MAX, FEED_INTERVAL_MS } from "../domain/bounds.ts";
import type { Reservation, SkuEvent, SkuView, WaitlistEntry } from "../domain/model.ts";
import { FanOut } from "./fan-out.ts";
import {
  expiringFrameOf,
  type Place,
  reservationFrameOf,
  snapshotFrameOf,
  stockFrameOf,
  stockPushOf,
  waitlistFrameOf,
} from "./frames.ts";
import { Positions } from "./positions.ts";
import type { RelayScene } from "./relay-feed.ts";
import type { RelayLink } from "./relay-link.ts";
import { type RelayDeps, RelayLinks } from "./relay-links.ts";
import { TokenClock } from "./token-clock.ts";
import { upgraded } from "./upgrade.ts";
import { send, Watchers } from "./watchers.ts";

/** What a joining watcher is shown first. */
export interface Scene {
  view: SkuView;
  now: number;
  reservationsOf(customer: string): Reservation[];
  placeOf(customer: string): Place | null;
}

/** What the feed asks of its object. */
export interface FeedDeps {
  relays: RelayDeps;
  /** Those at the front of the waitlist. */
  front(): readonly WaitlistEntry[];
}

/** Where a customer may hear: its sockets here, and Relays that may have some. */
interface Ears {
  sockets: WebSocket[];
  links: RelayLink[];
}

/** The live feed of one SKU: stock for everybody, coalesced; what is theirs for single customers, at once. */
export class Feed {
  readonly #watchers: Watchers;
  readonly #tokens: TokenClock;
  readonly #relays: RelayLinks;
  readonly #positions: Positions;
  readonly #fanOut: FanOut<SkuView>;
  /** False when the last broadcast met nobody and none has joined since: to count sockets costs more than to keep this. */
  #mayBeWatched = true;

  constructor(ctx: DurableObjectState, deps: FeedDeps) {
    this.#watchers = new Watchers(ctx);
    this.#tokens = new TokenClock(this.#watchers);
    this.#relays = new RelayLinks(deps.relays);
    const rate = { intervalMsMin: FEED_INTERVAL_MS, framesPerSecond: DIRECT_FRAMES_PER_SECOND };
    this.#fanOut = new FanOut(rate, (view) => this.#broadcast(view));
    this.#positions = new Positions(deps.front, (customer, frame) => tell(customer, this.#earsOf(customer), frame));
  }

  /** Answers an upgrade that the Worker has authenticated: 101 with the first frames on their way, or 503 when it is full. */
  join(request: Request, scene: Scene): Response {
    if (this.#watchers.count >= DIRECT_WATCHERS_MAX) return new Response(null, { status: 503 });
    const who = readWatcher(request.headers.get(WATCHER_HEADER));
    const { client, server } = this.#watchers.accept(who, [scene.view.sku]);
    this.#mayBeWatched = true;
    this.#tokens.joined(who);
    send(server, stockFrameOf(scene.view, who.trusted ? "trusted" : "public"));
    if (who.customer !== null) {
      const reservations = scene.reservationsOf(who.customer);
      send(server, snapshotFrameOf(scene.view.sku, reservations, scene.placeOf(who.customer)));
      const ears = { sockets: [server], links: [] };
      for (const reservation of reservations) this.#warn(reservation, ears, scene.view, scene.now);
    }
    return upgraded(request, client);
  }

  /** What a Relay is told that begins to be fed, or asks how things stand. */
  sceneFor({ view, now, reservationsOf, placeOf }: Scene, relay: string, customer: string | null): RelayScene {
    const push = { ...stockPushOf(view), personal: [], asksWho: false };
    this.#relays.asked(relay, customer);
    if (customer === null) return { push, own: [] };
    const reservations = reservationsOf(customer);
    const snapshot = { customer, frame: snapshotFrameOf(view.sku, reservations, placeOf(customer)), warns: null };
    return { push, own: [snapshot, ...reservations.filter((hold) => isToBeWarned(hold, view, now)).map(warningOf)] };
  }

  /** Tells watchers what was committed: customers what is theirs at once, everybody the stock as soon as the pace allows. */
  publish(view: SkuView, events: readonly SkuEvent[]): void {
    this.#relays.publish(view);
    if (!this.#mayBeWatched && !this.#relays.any) return;
    for (const event of events) {
      this.#announce(event, view);
      if (event.entry !== null && event.type.startsWith("waitlist.")) this.#positions.moved(event.entry);
    }
    if (this.#mayBeWatched) this.#fanOut.offer(view, Date.now());
  }

  /** Open sockets. */
  get size(): number {
    return this.#watchers.count;
  }

  /** Whether anybody with a token watches, here or through a Relay, so that warnings and token expiry have to be looked after. */
  get hasHolders(): boolean {
    return this.#watchers.expiring().length > 0 || this.#relays.hasCustomers;
  }

  /** Warns the holders of these holds, each socket once per hold and expiry. */
  warn(holds: readonly Reservation[], view: SkuView, now: number): void {
    if (holds.length > 0) this.#relays.publish(view);
    for (const hold of holds) this.#warn(hold, this.#earsOf(hold.customer), view, now);
  }

  /** Closes the sockets whose token has expired; returns when the next one will, or null. */
  closeExpired(now: number): number | null {
    return this.#tokens.closeExpired(now);
  }

  #announce(event: SkuEvent, view: SkuView): void {
    const customer = (event.reservation ?? event.entry)?.customer;
    if (customer === undefined) return;
    const ears = this.#earsOf(customer);
    if (ears.sockets.length + ears.links.length === 0) return;
    // The end of an offer is also that of its place.
    for (const frame of [reservationFrameOf(event), waitlistFrameOf(event)]) {
      if (frame !== null) tell(customer, ears, frame);
    }
    if (event.reservation !== null) this.#warn(event.reservation, ears, view, event.time);
  }

  #earsOf(customer: string): Ears {
    return { sockets: this.#watchers.of(customer), links: this.#relays.holding(customer) };
  }

  #broadcast(view: SkuView): number {
    const audiences = ["public", "trusted"] as const;
    const counts = audiences.map((audience) => this.#watchers.broadcast(audience, () => stockFrameOf(view, audience)));
    const count = counts.reduce((sum, one) => sum + one, 0);
    this.#mayBeWatched = count > 0;
    return count;
  }

  #warn(hold: Reservation, { sockets, links }: Ears, view: SkuView, now: number): void {
    if (sockets.length + links.length === 0 || !isToBeWarned(hold, view, now)) return;
    const warning = warningOf(hold);
    this.#watchers.warnOnce(sockets, hold.id, hold.expiresAt, now, warning.frame);
    for (const link of links) link.changed(warning);
  }
}

/** Sends a customer what is its own. */
function tell(customer: string, { sockets, links }: Ears, frame: string): void {
  for (const socket of sockets) send(socket, frame);
  for (const link of links) link.changed({ customer, frame, warns: null });
}

/** Whether a hold is near its end. Of a try nobody was told. */
function isToBeWarned({ status, attempt, expiresAt }: Reservation, { policy }: SkuView, now: number): boolean {
  return status === "held" && attempt === null && expiresAt - policy.warnSeconds * 1000 <= now;
}

/** The warning of a hold's end, as a Relay gives it to each socket once. */
function warningOf(hold: Reservation): PersonalFrame {
  const { customer, id, expiresAt } = hold;
  return { customer, frame: expiringFrameOf(hold), warns: { id, expiresAt } };
}
