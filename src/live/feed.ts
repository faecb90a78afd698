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
    this.#positions = new Positions(deps.front, (customer, frame) => this.#tell(customer, frame));
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
      for (const reservation of reservations) this.#warn([server], reservation, scene.view, scene.now);
    }
    return upgraded(request, client);
  }

  /** What a Relay is told that begins to be fed, or asks how things stand. */
  sceneFor({ view, now, reservationsOf, placeOf }: Scene, relay: string, customer: string | null): RelayScene {
    const push = { ...stockPushOf(view), personal: [] };
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
    return this.#watchers.expiring().length > 0 || this.#relays.any;
  }

  /** Warns the holders of these holds, each socket once per hold and expiry. */
  warn(holds: readonly Reservation[], view: SkuView, now: number): void {
    for (const hold of holds) {
      this.#warn(this.#watchers.of(hold.customer), hold, view, now);
      this.#warnAfar(hold);
    }
    if (holds.length > 0) this.#relays.publish(view);
  }

  /** Closes the sockets whose token has expired; returns when the next one will, or null. */
  closeExpired(now: number): number | null {
    return this.#tokens.closeExpired(now);
  }

  #announce(event: SkuEvent, view: SkuView): void {
    const customer = (event.reservation ?? event.entry)?.customer;
    if (customer === undefined) return;
    const sockets = this.#watchers.of(customer);
    if (sockets.length === 0 && !this.#relays.mayHold(customer)) return;
    const frame = reservationFrameOf(event) ?? waitlistFrameOf(event);
    if (frame !== null) this.#tell(customer, frame);
    if (event.reservation === null || !isToBeWarned(event.reservation, view, event.time)) return;
    this.#warn(sockets, event.reservation, view, event.time);
    this.#warnAfar(event.reservation);
  }

  #tell(customer: string, frame: string): void {
    for (const socket of this.#watchers.of(customer)) send(socket, frame);
    this.#relays.tell({ customer, frame, warns: null });
  }

  #broadcast(view: SkuView): number {
    const audiences = ["public", "trusted"] as const;
    const counts = audiences.map((audience) => this.#watchers.broadcast(audience, () => stockFrameOf(view, audience)));
    const count = counts.reduce((sum, one) => sum + one, 0);
    this.#mayBeWatched = count > 0;
    return count;
  }

  #warn(sockets: readonly WebSocket[], hold: Reservation, view: SkuView, now: number): void {
    if (sockets.length === 0 || !isToBeWarned(hold, view, now)) return;
    this.#watchers.warnOnce(sockets, hold.id, hold.expiresAt, now, expiringFrameOf(hold));
  }

  #warnAfar(hold: Reservation): void {
    if (this.#relays.mayHold(hold.customer)) this.#relays.tell(warningOf(hold));
  }
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
