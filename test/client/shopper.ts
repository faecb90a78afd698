import { vi } from "vitest";
import type { Reservation, WaitlistEntry } from "../../src/client/wire.ts";
import { FakeService, problem, type Sent, tokenOf } from "./fake-service.ts";
import { FakeSockets } from "./fake-socket.ts";

export const NOON = Date.parse("2026-11-24T12:00:00.000Z");
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
export const inSeconds = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();

/** A hold of Ann's, a minute old with a minute to go. */
export function hold(more: Partial<Reservation> = {}): Reservation {
  return {
    id: "r1",
    sku: "shoe",
    customer: "ann",
    quantity: 1,
    status: "held",
    createdAt: inSeconds(-60),
    expiresAt: inSeconds(60),
    extendableUntil: inSeconds(600),
    confirmedQuantity: 0,
    returnedQuantity: 0,
    orderId: null,
    rescued: false,
    refunds: [],
    cart: null,
    metadata: {},
    version: 2,
    ...more,
  };
}
/** Ann's place in the line, the third. */
export function place(more: Partial<WaitlistEntry> = {}): WaitlistEntry {
  const nothing = { reservation: null, offerExpiresAt: null, reason: null };
  return {
    id: "w1",
    sku: "shoe",
    customer: "ann",
    quantity: 1,
    status: "waiting",
    position: 3,
    createdAt: inSeconds(-9),
    ...nothing,
    ...more,
  };
}
export const nothing = {
  availableToMe: 1,
  myUnits: 0,
  reservations: [] as Reservation[],
  waitlist: null as WaitlistEntry | null,
};

/** A shopper in front of a service that says what `answers` say by method and path. */
export function shopper(answers: Record<string, (sent: Sent) => Response>) {
  const service = new FakeService(
    (sent) => answers[`${sent.method} ${sent.path}`]?.(sent) ?? problem(404, "not-found"),
  );
  const sockets = new FakeSockets();
  return { service, sockets, client: service.client({ WebSocket: sockets.WebSocket, token: tokenOf("shopper") }) };
}
export const ME = "GET /v1/skus/shoe/me";
export const HOLD = "GET /v1/skus/shoe/reservations/r1";
export const changed = (event: string, reservation: Reservation) => ({ type: "reservation", event, reservation });
