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
   * Address of the service, as `https://holdfast.example`. May be omitted in a page of the same origin; without a page each
   * call then rejects with a TypeError.
   */
  url?: string;
  /** A token, or a function that returns one; without it the client is anonymous. */
  token?: TokenSource;
  /** Replaces the platform's `fetch`. */
  fetch?: typeof fetch;
  /** Replaces the platform's `WebSocket`; if there is none, live stock is polled. */
  WebSocket?: SocketClass;
  /** From 0 to 1, for the spread of pauses. */
  random?: () => number;
}

export type Holdfast = ReturnType<typeof createClient>;

/**
 * Creates a client of one Holdfast service for one caller. Calls resolve to a value or a refusal, and reject with HoldfastError
 * for outages and bugs. Changes have idempotency keys and are retried where that is safe. In a Worker create one for each
 * request: a shared batch or token renewal must not outlive the request that began it.
 */
export function createClient(options: ClientOptions = {}) {
  const { random = Math.random } = options;
  // Resolved at each call, so that a page can create its client while it is rendered on a server.
  const url = () => {
    const { url = (globalThis as { location?: { origin: string } }).location?.origin } = options;
    if (url === undefined) throw new TypeError("createClient needs a url");
    return url.replace(/\/+$/, "");
  };
  const clock = new ServerClock();
  const tokens = createTokens(options.token ?? null, clock);
  // Looked up at each call because some code patches it later, and called as a global function because the platform requires
  // that.
  const ownFetch = options.fetch ?? ((...request: Parameters<typeof fetch>) => globalThis.fetch(...request));
  const send = createTransport({ url, tokens, clock, fetch: ownFetch, random });
  const calls = createCalls(send, createBatcher(send), tokens);
  const socket = options.WebSocket ?? (globalThis.WebSocket as SocketClass | undefined);
  return {
    /** The service's clock: `clock.msUntil(reservation.expiresAt)` is right even if the machine's clock is wrong. */
    clock,
    skus: skuCalls(calls),
    reservations: reservationCalls(calls),
    carts: cartCalls(calls),
    drops: dropCalls(calls),
    waitlist: waitlistCalls(calls),
    webhooks: webhookCalls(calls),
    operations: operationCalls(calls),
    /** Watches a SKU, or up to 50 SKUs over one socket, until it is closed. */
    live: (skus: string | readonly string[]): Live =>
      openLive({ url, skus: [skus].flat(), socket, tokens, clock, calls, random }),
  };
}
