import { type Attachment, attachment, PING, PONG, type Watcher } from "../contracts/live.ts";
import type { Audience } from "../contracts/present.ts";

const EXPIRING_TAG = "expiring";
const TAGGED_CHARS = 80;

/** The sockets of one object. They outlive hibernation: what they carry is in their tags and attachments, never in memory. */
export class Watchers {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  get count(): number {
    return this.#ctx.getWebSockets().length;
  }

  /** Accepts a socket for a watcher and returns the client's end with it. */
  accept(watcher: Watcher): { client: WebSocket; server: WebSocket } {
    const { 0: client, 1: server } = new WebSocketPair();
    const tags: string[] = [watcher.trusted ? "trusted" : "public"];
    if (watcher.customer !== null) tags.push(customerTag(watcher.customer));
    if (watcher.expiresAt !== null) tags.push(EXPIRING_TAG);
    this.#ctx.acceptWebSocket(server, tags);
    this.remember(server, { ...watcher, warned: {} });
    return { client, server };
  }

  /** Sends to all of one audience. */
  broadcast(audience: Audience, frame: () => string): void {
    const sockets = this.#ctx.getWebSockets(audience);
    if (sockets.length === 0) return;
    const encoded = frame();
    for (const socket of sockets) send(socket, encoded);
  }

  /** A customer's own sockets. */
  of(customer: string): WebSocket[] {
    const sockets = this.#ctx.getWebSockets(customerTag(customer));
    if (customer.length <= TAGGED_CHARS) return sockets;
    return sockets.filter((socket) => this.recall(socket).customer === customer);
  }

  /** Sockets whose token expires some day. */
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

/** A tag has at most 256 bytes. Of a long name it carries the beginning, and the attachment tells the rest apart. */
function customerTag(customer: string): string {
  return `customer:${customer.slice(0, TAGGED_CHARS).toWellFormed()}`;
}

/** Sends a frame; a peer that cannot take it any more is dropped. */
export function send(socket: WebSocket, frame: string): void {
  try {
    socket.send(frame);
  } catch {
    drop(socket, 1011, "the peer is gone");
  }
}

/** Closes a socket, whatever state it is in. */
export function drop(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed already: that is what was wanted.
  }
}
