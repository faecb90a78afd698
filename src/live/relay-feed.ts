import type { Clock } from "../clock.ts";
import {
  type Attendance,
  type PersonalFrame,
  type RelayPush,
  readSkus,
  readWatcher,
  relayPush,
  SKUS_HEADER,
  type StockPush,
  UNKNOWN_SKU_HEADER,
  WATCHER_HEADER,
  type Watcher,
} from "../contracts/live.ts";
import { JOIN_GROUP_GROWTH, RELAY_FRAMES_PER_SECOND, WATCHERS_MAX } from "../domain/bounds.ts";
import { BroadcastPacing } from "./broadcast-pacing.ts";
import { closeSocket, Sockets, send } from "./sockets.ts";
import { TokenExpiry } from "./token-expiry.ts";
import { upgraded } from "./upgrade.ts";

/** The state of a SKU for a Relay that asks: the public stock, and the frames for one customer. */
export interface RelaySnapshot {
  push: RelayPush;
  /** A snapshot and due warnings; empty without a customer. */
  own: PersonalFrame[];
}

/** Sockets that each watch several SKUs, and the broadcast of what SKUs push to them. */
export class RelayFeed {
  readonly #clock: Clock;
  readonly #sockets: Sockets;
  readonly #tokens: TokenExpiry;
  readonly #pacing: BroadcastPacing<StockPush>;

  constructor(ctx: DurableObjectState, clock: Clock) {
    this.#clock = clock;
    this.#sockets = new Sockets(ctx);
    // With few watchers, a SKU's own pace suffices.
    const rate = { intervalMsMin: 0, framesPerSecond: RELAY_FRAMES_PER_SECOND };
    this.#pacing = new BroadcastPacing(clock, rate, (stock) => this.#sockets.broadcastOn(stock));
    this.#tokens = new TokenExpiry(this.#sockets);
  }

  /**
   * Answers an upgrade that the Worker has authenticated. The socket is accepted before the SKUs are asked, so that no change
   * is missed. 404 if one of the SKUs does not exist, 503 if this Relay is full.
   */
  async join(
    request: Request,
    sceneOf: (sku: string, customer: string | null) => Promise<RelaySnapshot | null>,
  ): Promise<Response> {
    if (this.#sockets.count >= WATCHERS_MAX) return new Response(null, { status: 503 });
    const who = readWatcher(request.headers.get(WATCHER_HEADER));
    const skus = readSkus(request.headers.get(SKUS_HEADER));
    const { client, server } = this.#sockets.accept(who, skus);
    try {
      const unknown = await firstUnknown(skus, (sku) => this.#show(server, who, () => sceneOf(sku, who.customer)));
      if (unknown !== null) return turnAway(client, server, 404, { [UNKNOWN_SKU_HEADER]: unknown });
    } catch (error) {
      turnAway(client, server, 503);
      throw error;
    }
    this.#tokens.joined(who);
    return upgraded(request, client);
  }

  /** Sends personal frames at once and queues the stock for broadcast. Returns who watches the SKU here. */
  deliver(pushed: RelayPush): Attendance {
    const push = relayPush.parse(pushed);
    const { sku } = push;
    if (!this.#sockets.has(sku)) {
      this.#pacing.forget(sku);
      return { isWatched: false, places: [] };
    }
    for (const personal of push.personal) {
      const sockets = this.#sockets.of(personal.customer).filter((socket) => this.#sockets.watches(socket, sku));
      this.#tell(sockets, personal);
    }
    this.#pacing.offer(push);
    return { isWatched: true, places: push.asksWho ? this.#sockets.placesOn(sku) : null };
  }

  /** SKUs that somebody watches here. */
  get skus(): string[] {
    return [...this.#sockets.skus()];
  }

  /** Closes sockets with expired tokens; returns when the next token expires, or null. */
  closeExpired(now: number): number | null {
    return this.#tokens.closeExpired(now);
  }

  /**
   * Shows a SKU to a socket once the SKU has answered; false if it does not exist. A push that arrives meanwhile is newer than
   * the answer.
   */
  async #show(socket: WebSocket, who: Watcher, ask: () => Promise<RelaySnapshot | null>): Promise<boolean> {
    let scene = await ask();
    while (scene !== null && scene.push.version < this.#pacing.newest(scene.push.sku)) scene = await ask();
    if (scene === null) return false;
    const { sku, version, ...stock } = scene.push;
    this.#sockets.show(socket, sku, version, who.trusted ? stock.trusted : stock.public);
    for (const personal of scene.own) this.#tell([socket], personal);
    return true;
  }

  #tell(sockets: readonly WebSocket[], { frame, warns }: PersonalFrame): void {
    if (warns !== null) this.#sockets.warnOnce(sockets, warns.id, warns.expiresAt, this.#clock.now(), frame);
    else for (const socket of sockets) send(socket, frame);
  }
}

/**
 * Shows SKUs group by group, and returns the first that does not exist, or null. Groups grow, so that invented names cost few
 * calls, and a whole drop takes few rounds.
 */
async function firstUnknown(skus: readonly string[], show: (sku: string) => Promise<boolean>): Promise<string | null> {
  for (let from = 0, count = 1; from < skus.length; from += count, count *= JOIN_GROUP_GROWTH) {
    const group = skus.slice(from, from + count);
    const shown = await Promise.all(group.map(show));
    const unknown = group[shown.indexOf(false)];
    if (unknown !== undefined) return unknown;
  }
  return null;
}

/** Closes a socket whose client end was never returned. */
function turnAway(
  client: WebSocket,
  server: WebSocket,
  status: number,
  headers: Record<string, string> = {},
): Response {
  client.accept();
  closeSocket(server, 1011, "not joined");
  closeSocket(client, 1011, "not joined");
  return new Response(null, { status, headers });
}
