import { type Attachment, attachment, PING, PONG, type StockPush, type Watcher } from "../contracts/live.ts";
import type { Audience } from "../contracts/present.ts";
import { WARNINGS_REMEMBERED_MAX } from "../domain/bounds.ts";
import { placeOf } from "../domain/relay-placement.ts";

const EXPIRING_TAG = "expiring";
const CUSTOMERS_TAG = "customers";
const TAGGED_CHARS = 80;

interface Known {
  /** Place of its customer (`placeOf`). */
  place: number | null;
  /** Newest version shown, by watched SKU. */
  seen: Map<string, number>;
}

/** The sockets of one object. They survive hibernation: their data is in tags and attachments, never in memory. */
export class Sockets {
  readonly #ctx: DurableObjectState;
  /** Each socket's attachment as read since the last wake, and the newest version of each SKU that it was shown. */
  readonly #known = new WeakMap<WebSocket, Known>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  get count(): number {
    return this.#ctx.getWebSockets().length;
  }

  /** Accepts a socket for a watcher of these SKUs and returns the client's end. */
  accept(watcher: Watcher, skus: string[]): { client: WebSocket; server: WebSocket } {
    const { 0: client, 1: server } = new WebSocketPair();
    const tags: string[] = [watcher.trusted ? "trusted" : "public"];
    if (watcher.customer !== null) tags.push(CUSTOMERS_TAG, customerTag(watcher.customer));
    if (watcher.expiresAt !== null) tags.push(EXPIRING_TAG);
    this.#ctx.acceptWebSocket(server, tags);
    this.remember(server, { ...watcher, skus, warned: {} });
    return { client, server };
  }

  /** Sends to everybody of one audience; returns their number. */
  broadcast(audience: Audience, frame: () => string): number {
    const sockets = this.#ctx.getWebSockets(audience);
    if (sockets.length === 0) return 0;
    const encoded = frame();
    for (const socket of sockets) send(socket, encoded);
    return sockets.length;
  }

  /** Sends the stock of a SKU to all of its watchers; returns their number. */
  broadcastOn({ sku, version, ...frames }: Omit<StockPush, "state">): number {
    let count = 0;
    for (const audience of ["public", "trusted"] as const) {
      for (const socket of this.#ctx.getWebSockets(audience)) {
        if (!this.watches(socket, sku)) continue;
        this.show(socket, sku, version, frames[audience]);
        count += 1;
      }
    }
    return count;
  }

  /** Sends the stock of a SKU to one watching socket, unless it was shown this version or a newer one. */
  show(socket: WebSocket, sku: string, version: number, frame: string): void {
    const seen = this.#knownOf(socket).seen;
    if (version <= (seen.get(sku) ?? Number.POSITIVE_INFINITY)) return;
    seen.set(sku, version);
    send(socket, frame);
  }

  /** Whether anybody watches this SKU. */
  has(sku: string): boolean {
    return this.#ctx.getWebSockets().some((socket) => this.#isOn(socket, sku));
  }

  /** The places of the customers who watch this SKU. */
  placesOn(sku: string): number[] {
    const sockets = this.#ctx.getWebSockets(CUSTOMERS_TAG).filter((socket) => this.#isOn(socket, sku));
    return sockets.flatMap((socket) => this.#knownOf(socket).place ?? []);
  }

  /** All watched SKUs. */
  skus(): Set<string> {
    const open = this.#ctx.getWebSockets().filter(isOpen);
    return new Set(open.flatMap((socket) => [...this.#knownOf(socket).seen.keys()]));
  }

  /** Whether a socket watches this SKU. */
  watches(socket: WebSocket, sku: string): boolean {
    return this.#knownOf(socket).seen.has(sku);
  }

  #isOn(socket: WebSocket, sku: string): boolean {
    return isOpen(socket) && this.watches(socket, sku);
  }

  #knownOf(socket: WebSocket): Known {
    let known = this.#known.get(socket);
    if (known === undefined) {
      const { customer, skus } = this.recall(socket);
      known = { place: customer === null ? null : placeOf(customer), seen: new Map(skus.map((sku) => [sku, 0])) };
      this.#known.set(socket, known);
    }
    return known;
  }

  /** Sends a warning of a hold's end to these sockets, once per socket, hold and expiry. */
  warnOnce(sockets: readonly WebSocket[], id: string, expiresAt: number, now: number, frame: string): void {
    for (const socket of sockets) {
      const attached = this.recall(socket);
      if (attached.warned[id] === expiresAt) continue;
      const current = Object.entries(attached.warned).filter(([hold, at]) => at > now && hold !== id);
      const latest = [...current, [id, expiresAt] as const].slice(-WARNINGS_REMEMBERED_MAX);
      this.remember(socket, { ...attached, warned: Object.fromEntries(latest) });
      send(socket, frame);
    }
  }

  /** A customer's own sockets. */
  of(customer: string): WebSocket[] {
    const sockets = this.#ctx.getWebSockets(customerTag(customer));
    if (customer.length <= TAGGED_CHARS) return sockets;
    return sockets.filter((socket) => this.recall(socket).customer === customer);
  }

  /** Sockets whose token can expire. */
  expiring(): WebSocket[] {
    return this.#ctx.getWebSockets(EXPIRING_TAG);
  }

  recall(socket: WebSocket): Attachment {
    return attachment.parse(socket.deserializeAttachment());
  }

  remember(socket: WebSocket, attached: Attachment): void {
    socket.serializeAttachment(attached);
  }
}

/** A tag has at most 256 bytes: it contains the beginning of a long name, and the attachment the rest. */
function customerTag(customer: string): string {
  return `customer:${customer.slice(0, TAGGED_CHARS).toWellFormed()}`;
}

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.READY_STATE_OPEN;
}

/** Sends a frame; a peer that cannot take it is closed. */
export function send(socket: WebSocket, frame: string): void {
  try {
    socket.send(frame);
  } catch {
    closeSocket(socket, 1011, "the peer is gone");
  }
}

/** Closes a socket in any state. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is already closed.
  }
}
