import {
  type RelayPush,
  readSkus,
  readWatcher,
  relayPush,
  SKUS_HEADER,
  WATCHER_HEADER,
  type Watcher,
} from "../contracts/live.ts";
import { WATCHERS_MAX } from "../domain/bounds.ts";
import { TokenClock } from "./token-clock.ts";
import { receiveFrame, upgraded } from "./upgrade.ts";
import { drop, send, Watchers } from "./watchers.ts";

/** How a SKU stands, as a Relay is told when it asks: what everybody may see, and the frames for one customer. */
export interface RelayScene {
  push: RelayPush;
  /** A snapshot and due warnings; none without a customer. */
  own: string[];
}

/** Sockets that each watch several SKUs. What SKUs push is fanned out to those who watch them. */
export class RelayFeed {
  readonly #watchers: Watchers;
  readonly #tokens: TokenClock;
  /** The newest frames of each SKU that were seen since the last wake. */
  readonly #latest = new Map<string, RelayPush>();

  constructor(ctx: DurableObjectState) {
    this.#watchers = new Watchers(ctx);
    this.#tokens = new TokenClock(this.#watchers);
  }

  /**
   * Answers an upgrade that the Worker has authenticated. The socket is there before the SKUs are asked, so that nothing
   * that happens meanwhile passes it by. 404 when one of the SKUs does not exist, 503 when it is full here.
   */
  async join(
    request: Request,
    sceneOf: (sku: string, customer: string | null) => Promise<RelayScene | null>,
  ): Promise<Response> {
    if (this.#watchers.count >= WATCHERS_MAX) return new Response(null, { status: 503 });
    const who = readWatcher(request.headers.get(WATCHER_HEADER));
    const skus = readSkus(request.headers.get(SKUS_HEADER));
    const { client, server } = this.#watchers.accept(who, skus);
    try {
      const scenes = await Promise.all(skus.map((sku) => sceneOf(sku, who.customer)));
      if (scenes.includes(null)) return turnAway(client, server, 404);
      for (const scene of scenes) if (scene !== null) this.#show(server, who, scene);
    } catch (error) {
      turnAway(client, server, 503);
      throw error;
    }
    this.#tokens.joined(who);
    return upgraded(request, client);
  }

  /** Fans out what a SKU pushed; false when nobody watches it here. */
  deliver(pushed: RelayPush, now: number): boolean {
    const push = relayPush.parse(pushed);
    const { sku } = push;
    if (!this.#watchers.has(sku)) {
      this.#latest.delete(sku);
      return false;
    }
    for (const { customer, frame, warns } of push.personal) {
      const sockets = this.#watchers.of(customer).filter((socket) => this.#watchers.watches(socket, sku));
      if (warns === null) for (const socket of sockets) send(socket, frame);
      else this.#watchers.warnOnce(sockets, warns.id, warns.expiresAt, now, frame);
    }
    if (push.version > (this.#latest.get(sku)?.version ?? 0)) {
      this.#latest.set(sku, push);
      this.#watchers.broadcastOn(sku, "public", push.public);
      this.#watchers.broadcastOn(sku, "trusted", push.trusted);
    }
    return true;
  }

  /** SKUs that somebody watches here. */
  get skus(): string[] {
    return [...this.#watchers.skus()];
  }

  /** Closes the sockets whose token has expired; returns when the next one will, or null. */
  closeExpired(now: number): number | null {
    return this.#tokens.closeExpired(now);
  }

  /** A frame from a client. */
  receive(socket: WebSocket, message: string | ArrayBuffer): void {
    receiveFrame(socket, message);
  }

  #show(socket: WebSocket, { trusted }: Watcher, { push, own }: RelayScene): void {
    const known = this.#latest.get(push.sku);
    const newest = known !== undefined && known.version > push.version ? known : push;
    this.#latest.set(push.sku, newest);
    send(socket, trusted ? newest.trusted : newest.public);
    for (const frame of own) send(socket, frame);
  }
}

/** Ends a socket whose client's end was never handed out. */
function turnAway(client: WebSocket, server: WebSocket, status: number): Response {
  client.accept();
  drop(server, 1011, "not joined");
  drop(client, 1011, "not joined");
  return new Response(null, { status });
}
