import { cartCalls, dropCalls, operationCalls, reservationCalls, skuCalls, waitlistCalls } from "./api.ts";
import { createBatcher } from "./batcher.ts";
import { createCalls } from "./calls.ts";
import { ServerClock } from "./clock.ts";
import { type Live, openLive, type SocketClass } from "./live.ts";
import { createTokens, type TokenSource } from "./tokens.ts";
import { createTransport } from "./transport.ts";
import { webhookCalls } from "./webhook-calls.ts";

export type { CallOptions, ReadOptions } from "./calls.ts";
export { ServerClock } from "./clock.ts";
export { type FailureCode, HoldfastError } from "./failure.ts";
export type { Connection, Live } from "./live.ts";
export type { CartLine, Refusal, RefusalCode, Result } from "./refusal.ts";
export type { TokenSource } from "./tokens.ts";
export type * from "./wire.ts";

export interface ClientOptions {
  /**
   * Where the service is, as `https://holdfast.example`. In a page it may be left out when it is the page's own origin; without
   * a page each call rejects with a TypeError then.
   */
  url?: string;
  /** A token, or a function that returns one; anonymous without. */
  token?: TokenSource;
  /** Another `fetch` than the platform's. */
  fetch?: typeof fetch;
  /** Another `WebSocket` than the platform's; without any, live stock is polled. */
  WebSocket?: SocketClass;
  /** From 0 to 1, for the spread of pauses. */
  random?: () => number;
}

export type Holdfast = ReturnType<typeof createClient>;

/**
 * A client of one Holdfast service for one caller. Its calls resolve to a value or to the rules' refusal, and reject with
 * HoldfastError for outages and bugs. Changes carry idempotency keys, and are repeated by themselves where that is safe. In
 * a Worker make one for each request: what calls share there, a batch, a renewal, must not outlive the request that began it.
 */
export function createClient(options: ClientOptions = {}) {
  const { random = Math.random } = options;
  // Asked for at each call, so that a page may make its client also where it is rendered, on a server.
  const url = () => {
    const { url = (globalThis as { location?: { origin: string } }).location?.origin } = options;
    if (url === undefined) throw new TypeError("createClient needs a url here");
    return url.replace(/\/+$/, "");
  };
  const clock = new ServerClock();
  const tokens = createTokens(options.token ?? null, clock);
  // Looked up at each call, and called as a function of the platform's: some patch it later, and all insist on the second.
  const ownFetch = options.fetch ?? ((...request: Parameters<typeof fetch>) => globalThis.fetch(...request));
  const send = createTransport({ url, tokens, clock, fetch: ownFetch, random });
  const calls = createCalls(send, createBatcher(send), tokens);
  const socket = options.WebSocket ?? (globalThis.WebSocket as SocketClass | undefined);
  return {
    /** The service's clock: `clock.msUntil(reservation.expiresAt)` is right on a machine whose clock is not. */
    clock,
    skus: skuCalls(calls),
    reservations: reservationCalls(calls),
    carts: cartCalls(calls),
    drops: dropCalls(calls),
    waitlist: waitlistCalls(calls),
    webhooks: webhookCalls(calls),
    operations: operationCalls(calls),
    /** Watches a SKU, or up to 50 of them over one socket, until it is closed. */
    live: (skus: string | readonly string[]): Live =>
      openLive({ url, skus: [skus].flat(), socket, tokens, clock, calls, random }),
  };
}
