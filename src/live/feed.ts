import { clientFrame, LIVE_PROTOCOL, PONG, readWatcher, WATCHER_HEADER } from "../contracts/live.ts";
import { FEED_INTERVAL_MS, FRAME_BYTES_MAX, WARNINGS_REMEMBERED_MAX, WATCHERS_MAX } from "../domain/bounds.ts";
import type { Reservation, SkuEvent, SkuView } from "../domain/model.ts";
import { errorFrameOf, expiringFrameOf, reservationFrameOf, snapshotFrameOf, stockFrameOf } from "./frames.ts";
import { drop, send, Watchers } from "./watchers.ts";

/** What a joining watcher is shown first. */
export interface Scene {
  view: SkuView;
  now: number;
  reservationsOf(customer: string): Reservation[];
}

/** The live feed of one SKU: stock for everybody, coalesced; reservations for their holders, at once. */
export class Feed {
  readonly #watchers: Watchers;
  #latest: SkuView | null = null;
  #sentAt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** When the first token of the open sockets expires; after a wake nobody knows before they were looked at. */
  #nextTokenExpiry: number | null | "unknown" = "unknown";

  constructor(ctx: DurableObjectState) {
    this.#watchers = new Watchers(ctx);
  }

  /** Answers an upgrade that the Worker has authenticated: 101 with the first frames on their way, or 503 when it is full. */
  join(request: Request, scene: Scene): Response {
    if (this.#watchers.count >= WATCHERS_MAX) return new Response(null, { status: 503 });
    const who = readWatcher(request.headers.get(WATCHER_HEADER));
    const { client, server } = this.#watchers.accept(who);
    if (who.expiresAt !== null && this.#nextTokenExpiry !== "unknown") {
      this.#nextTokenExpiry = Math.min(this.#nextTokenExpiry ?? who.expiresAt, who.expiresAt);
    }
    send(server, stockFrameOf(scene.view, who.trusted ? "trusted" : "public"));
    if (who.customer !== null) {
      const reservations = scene.reservationsOf(who.customer);
      send(server, snapshotFrameOf(scene.view.sku, reservations));
      for (const reservation of reservations) this.#warn([server], reservation, scene.view, scene.now);
    }
    const offered = request.headers.get("Sec-WebSocket-Protocol") !== null;
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: offered ? { "Sec-WebSocket-Protocol": LIVE_PROTOCOL } : {},
    });
  }

  /** Tells watchers what was committed: holders their own events at once, everybody the stock as soon as the pace allows. */
  publish(view: SkuView, events: readonly SkuEvent[]): void {
    this.#latest = view;
    if (this.#watchers.count === 0) return;
    for (const event of events) {
      const frame = reservationFrameOf(event);
      if (frame === null || event.reservation === null) continue;
      const sockets = this.#watchers.of(event.reservation.customer);
      for (const socket of sockets) send(socket, frame);
      this.#warn(sockets, event.reservation, view, event.time);
    }
    if (this.#timer !== null) return;
    const waitMs = this.#sentAt + FEED_INTERVAL_MS - Date.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), Math.min(waitMs, FEED_INTERVAL_MS));
  }

  /** Open sockets. */
  get size(): number {
    return this.#watchers.count;
  }

  /** Whether any socket belongs to somebody with a token, so that warnings and token expiry have to be looked after. */
  get hasHolders(): boolean {
    return this.#watchers.expiring().length > 0;
  }

  /** Warns the holders of these holds, each socket once per hold and expiry. */
  warn(holds: readonly Reservation[], view: SkuView, now: number): void {
    for (const hold of holds) this.#warn(this.#watchers.of(hold.customer), hold, view, now);
  }

  /** Closes the sockets whose token has expired; returns when the next one will, or null. Looks at them only when one is due. */
  closeExpired(now: number): number | null {
    if (this.#nextTokenExpiry !== "unknown" && now < (this.#nextTokenExpiry ?? Number.POSITIVE_INFINITY)) {
      return this.#nextTokenExpiry;
    }
    let next: number | null = null;
    for (const socket of this.#watchers.expiring()) {
      const { expiresAt } = this.#watchers.recall(socket);
      if (expiresAt === null) continue;
      if (expiresAt <= now) refuse(socket, "unauthenticated", "the token has expired");
      else next = Math.min(next ?? expiresAt, expiresAt);
    }
    this.#nextTokenExpiry = next;
    return next;
  }

  /** A frame from a client: a ping in an unusual spelling, or a fault that ends the connection. */
  receive(socket: WebSocket, message: string | ArrayBuffer): void {
    if (typeof message !== "string" || isTooLong(message)) {
      refuse(socket, "invalid-request", `frames are JSON text of at most ${FRAME_BYTES_MAX} bytes`);
    } else if (isPing(message)) {
      send(socket, PONG);
    } else {
      refuse(socket, "invalid-request", "the only frame a client may send is a ping");
    }
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sentAt = Date.now();
    const view = this.#latest;
    if (view === null) return;
    this.#watchers.broadcast("public", () => stockFrameOf(view, "public"));
    this.#watchers.broadcast("trusted", () => stockFrameOf(view, "trusted"));
  }

  #warn(sockets: readonly WebSocket[], hold: Reservation, view: SkuView, now: number): void {
    if (hold.status !== "held" || hold.expiresAt - view.policy.warnSeconds * 1000 > now) return;
    for (const socket of sockets) {
      const attached = this.#watchers.recall(socket);
      if (attached.warned[hold.id] === hold.expiresAt) continue;
      const current = Object.entries(attached.warned).filter(([id, expiresAt]) => expiresAt > now && id !== hold.id);
      const latest = [...current, [hold.id, hold.expiresAt] as const].slice(-WARNINGS_REMEMBERED_MAX);
      this.#watchers.remember(socket, { ...attached, warned: Object.fromEntries(latest) });
      send(socket, expiringFrameOf(hold));
    }
  }
}

function isTooLong(message: string): boolean {
  return message.length > FRAME_BYTES_MAX || new TextEncoder().encode(message).byteLength > FRAME_BYTES_MAX;
}

function isPing(message: string): boolean {
  try {
    return clientFrame.safeParse(JSON.parse(message)).success;
  } catch {
    return false;
  }
}

function refuse(socket: WebSocket, code: string, detail: string): void {
  send(socket, errorFrameOf(code, detail));
  drop(socket, 1008, detail);
}
