import type { Clock } from "../clock.ts";
import { type PersonalFrame, readWatcher, WATCHER_HEADER } from "../contracts/live.ts";
import { DIRECT_FRAMES_PER_SECOND, DIRECT_WATCHERS_MAX, FEED_INTERVAL_MS } from "../domain/bounds.ts";
import type { Reservation, SkuEvent, SkuView, WaitlistEntry } from "../domain/model.ts";
import { BroadcastPacing } from "./broadcast-pacing.ts";
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
import type { RelayChannel } from "./relay-channel.ts";
import { RelayChannels, type RelayDeps } from "./relay-channels.ts";
import type { RelaySnapshot } from "./relay-feed.ts";
import { Sockets, send } from "./sockets.ts";
import { TokenExpiry } from "./token-expiry.ts";
import { upgraded } from "./upgrade.ts";

/** The first state that a joining watcher is shown. */
export interface FeedSnapshot {
  view: SkuView;
  now: number;
  reservationsOf(customer: string): Reservation[];
  placeOf(customer: string): Place | null;
}

/** The dependencies of the feed on its object. */
export interface FeedDeps {
  clock: Clock;
  relays: RelayDeps;
  /** The entries at the front of the waitlist. */
  front(): readonly WaitlistEntry[];
}

/** Where a customer may watch: its sockets here, and Relays. */
interface Recipients {
  sockets: WebSocket[];
  channels: RelayChannel[];
}

/** The live feed of one SKU: paced stock for everybody, and personal frames at once. */
export class SkuFeed {
  readonly #sockets: Sockets;
  readonly #tokens: TokenExpiry;
  readonly #relays: RelayChannels;
  readonly #positions: Positions;
  readonly #pacing: BroadcastPacing<SkuView>;
  /** False if the last broadcast met nobody and none has joined since: counting sockets costs more than this flag. */
  #mayBeWatched = true;

  constructor(ctx: DurableObjectState, deps: FeedDeps) {
    this.#sockets = new Sockets(ctx);
    this.#tokens = new TokenExpiry(this.#sockets);
    this.#relays = new RelayChannels(deps.relays, deps.clock);
    const rate = { intervalMsMin: FEED_INTERVAL_MS, framesPerSecond: DIRECT_FRAMES_PER_SECOND };
    this.#pacing = new BroadcastPacing(deps.clock, rate, (view) => this.#broadcast(view));
    this.#positions = new Positions(deps.clock, deps.front, (customer, frame) =>
      tell(customer, this.#recipientsOf(customer), frame),
    );
  }

  /** Answers an upgrade that the Worker has authenticated: 101 with the first frames queued, or 503 when it is full. */
  join(request: Request, scene: FeedSnapshot): Response {
    if (this.#sockets.count >= DIRECT_WATCHERS_MAX) return new Response(null, { status: 503 });
    const who = readWatcher(request.headers.get(WATCHER_HEADER));
    const { client, server } = this.#sockets.accept(who, [scene.view.sku]);
    this.#mayBeWatched = true;
    this.#tokens.joined(who);
    send(server, stockFrameOf(scene.view, who.trusted ? "trusted" : "public"));
    if (who.customer !== null) {
      const reservations = scene.reservationsOf(who.customer);
      send(server, snapshotFrameOf(scene.view.sku, reservations, scene.placeOf(who.customer)));
      const recipients = { sockets: [server], channels: [] };
      for (const reservation of reservations) this.#warn(reservation, recipients, scene.view, scene.now);
    }
    return upgraded(request, client);
  }

  /** The state for a Relay that begins to be fed, or asks again. */
  sceneFor(
    { view, now, reservationsOf, placeOf }: FeedSnapshot,
    relay: string,
    customer: string | null,
  ): RelaySnapshot {
    const push = { ...stockPushOf(view), personal: [], asksWho: false };
    this.#relays.asked(relay, customer);
    if (customer === null) return { push, own: [] };
    const reservations = reservationsOf(customer);
    const snapshot = { customer, frame: snapshotFrameOf(view.sku, reservations, placeOf(customer)), warns: null };
    return { push, own: [snapshot, ...reservations.filter((hold) => isToBeWarned(hold, view, now)).map(warningOf)] };
  }

  /** Publishes a commit: personal frames at once, the stock as soon as the pace allows. */
  publish(view: SkuView, events: readonly SkuEvent[]): void {
    this.#relays.publish(view);
    if (!this.#mayBeWatched && !this.#relays.any) return;
    for (const event of events) {
      this.#announce(event, view);
      if (event.entry !== null && event.type.startsWith("waitlist.")) this.#positions.moved(event.entry);
    }
    if (this.#mayBeWatched) this.#pacing.offer(view);
  }

  /** Open sockets. */
  get size(): number {
    return this.#sockets.count;
  }

  /** Whether anybody with a token watches, here or through a Relay, so that warnings and token expiry need the alarm. */
  get hasHolders(): boolean {
    return this.#sockets.expiring().length > 0 || this.#relays.hasCustomers;
  }

  /** Warns the holders of these holds, each socket once per hold and expiry. */
  warn(holds: readonly Reservation[], view: SkuView, now: number): void {
    if (holds.length > 0) this.#relays.publish(view);
    for (const hold of holds) this.#warn(hold, this.#recipientsOf(hold.customer), view, now);
  }

  /** Closes sockets with expired tokens; returns when the next token expires, or null. */
  closeExpired(now: number): number | null {
    return this.#tokens.closeExpired(now);
  }

  #announce(event: SkuEvent, view: SkuView): void {
    const customer = (event.reservation ?? event.entry)?.customer;
    if (customer === undefined) return;
    const recipients = this.#recipientsOf(customer);
    if (recipients.sockets.length + recipients.channels.length === 0) return;
    // The end of an offer is also the end of its waitlist entry.
    for (const frame of [reservationFrameOf(event), waitlistFrameOf(event)]) {
      if (frame !== null) tell(customer, recipients, frame);
    }
    if (event.reservation !== null) this.#warn(event.reservation, recipients, view, event.time);
  }

  #recipientsOf(customer: string): Recipients {
    return { sockets: this.#sockets.of(customer), channels: this.#relays.holding(customer) };
  }

  #broadcast(view: SkuView): number {
    const audiences = ["public", "trusted"] as const;
    const counts = audiences.map((audience) => this.#sockets.broadcast(audience, () => stockFrameOf(view, audience)));
    const count = counts.reduce((sum, one) => sum + one, 0);
    this.#mayBeWatched = count > 0;
    return count;
  }

  #warn(hold: Reservation, { sockets, channels }: Recipients, view: SkuView, now: number): void {
    if (sockets.length + channels.length === 0 || !isToBeWarned(hold, view, now)) return;
    const warning = warningOf(hold);
    this.#sockets.warnOnce(sockets, hold.id, hold.expiresAt, now, warning.frame);
    for (const channel of channels) channel.changed(warning);
  }
}

/** Sends a frame to a customer. */
function tell(customer: string, { sockets, channels }: Recipients, frame: string): void {
  for (const socket of sockets) send(socket, frame);
  for (const channel of channels) channel.changed({ customer, frame, warns: null });
}

/** Whether a hold is near its end. Tries are internal and get no warning. */
function isToBeWarned({ status, attempt, expiresAt }: Reservation, { policy }: SkuView, now: number): boolean {
  return status === "held" && attempt === null && expiresAt - policy.warnSeconds * 1000 <= now;
}

/** The warning of a hold's end; a Relay sends it to each socket once. */
function warningOf(hold: Reservation): PersonalFrame {
  const { customer, id, expiresAt } = hold;
  return { customer, frame: expiringFrameOf(hold), warns: { id, expiresAt } };
}
