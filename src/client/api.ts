import {
  type CallOptions,
  type Calls,
  type EditOptions,
  type Outcome,
  type PageQuery,
  type ReadOptions,
  segment,
  type UnkeyedOptions,
} from "./calls.ts";
import type { RefusalCode } from "./refusal.ts";
import type {
  Adjustment,
  Analytics,
  AnalyticsQuery,
  BatchCommand,
  Cart,
  ConfirmBody,
  ConfirmCartBody,
  Drop,
  DropPatch,
  ExtendBody,
  HoldfastEvent,
  JoinBody,
  Movement,
  NewDrop,
  NewSku,
  OpenCartBody,
  Own,
  Page,
  Readiness,
  ReleaseBody,
  Reservation,
  ReservationAnswer,
  ReservationStatus,
  ReserveBody,
  ReturnBody,
  Sku,
  SkuPatch,
  TrustedSku,
  WaitlistEntry,
} from "./wire.ts";

type Closed = "paused" | "not-open" | "closed";
type Ended = "hold-expired" | "already-released" | "already-confirmed";
type LogQuery = { after?: string | number | undefined; limit?: number | undefined };

const atSku = (sku: string) => `/v1/skus/${segment(sku)}`;
const atReservation = (sku: string, id: string) => `${atSku(sku)}/reservations/${segment(id)}`;
const atEntry = (sku: string, id: string) => `${atSku(sku)}/waitlist/${segment(id)}`;
const atCart = (id: string) => `/v1/carts/${segment(id)}`;
const atDrop = (drop: string) => `/v1/drops/${segment(drop)}`;

/** SKUs: create, read, edit, adjust stock, and a customer's own share. */
export function skuCalls(calls: Calls) {
  return {
    create: (body: NewSku, options?: CallOptions) => calls.post<TrustedSku, "sku-exists">("/v1/skus", body, options),
    read: (sku: string, options?: ReadOptions): Outcome<Sku> => calls.get(atSku(sku), options),
    /** What the customer has and may still reserve; a storefront names the customer. */
    own: (sku: string, { customer, ...options }: ReadOptions & { customer?: string | undefined } = {}): Outcome<Own> =>
      calls.get(`${atSku(sku)}/me`, { ...options, query: { customer } }),
    patch: (sku: string, body: SkuPatch, options?: EditOptions): Outcome<TrustedSku, "version-mismatch"> =>
      calls.edit(atSku(sku), body, options),
    adjust: (sku: string, body: Adjustment, options?: CallOptions): Outcome<TrustedSku, "stock-in-use"> =>
      calls.post(`${atSku(sku)}/adjustments`, body, options),
    list: (query?: PageQuery, options?: ReadOptions): Outcome<Page<TrustedSku>> =>
      calls.get("/v1/skus", { ...options, query }),
    movements: (sku: string, query?: LogQuery, options?: ReadOptions): Outcome<Page<Movement>> =>
      calls.get(`${atSku(sku)}/movements`, { ...options, query }),
    analytics: (sku: string, query?: AnalyticsQuery, options?: ReadOptions): Outcome<Analytics> =>
      calls.get(`${atSku(sku)}/analytics`, { ...options, query }),
  };
}

/** Reservations. With a storefront's token, concurrent calls for one SKU travel as one batch. */
export function reservationCalls(calls: Calls) {
  const act =
    <Body extends object, Code extends RefusalCode>(type: "confirm" | "extend" | "release" | "return") =>
    (sku: string, id: string, body?: Body, options?: CallOptions): Outcome<ReservationAnswer, Code> =>
      calls.command(sku, `${atReservation(sku, id)}/${type}`, { type, id, ...body }, options);
  const confirm = act<ConfirmBody, Ended | "part-of-cart">("confirm");
  return {
    reserve: (
      sku: string,
      body: ReserveBody,
      options?: CallOptions,
    ): Outcome<ReservationAnswer, Closed | "limit-exceeded" | "insufficient-stock"> =>
      calls.command(sku, `${atSku(sku)}/reservations`, { type: "reserve", ...body }, options),
    read: (sku: string, id: string, options?: ReadOptions): Outcome<Reservation> =>
      calls.get(atReservation(sku, id), options),
    confirm: (
      sku: string,
      id: string,
      body: ConfirmBody = {},
      // Waits as long as the service does by default, also in a batch.
      { waitSeconds = 1, ...options }: CallOptions = {},
    ): Outcome<ReservationAnswer, Ended | "part-of-cart"> => confirm(sku, id, body, { waitSeconds, ...options }),
    extend: act<ExtendBody, Ended | "extension-limit" | "part-of-cart">("extend"),
    release: act<ReleaseBody, "already-confirmed" | "part-of-cart">("release"),
    return: act<ReturnBody, "not-confirmed" | "nothing-to-return">("return"),
    list: (
      query?: PageQuery & { customer?: string; sku?: string; status?: ReservationStatus },
      options?: ReadOptions,
    ): Outcome<Page<Reservation>> => calls.get("/v1/reservations", { ...options, query }),
    /** A batch of your own; returns each command's outcome in order, as the service sent it. */
    batch: (
      sku: string,
      commands: readonly BatchCommand[],
      options?: CallOptions,
    ): Outcome<{ outcomes: { status: number; body: Record<string, unknown> }[] }> =>
      calls.post(`${atSku(sku)}/batch`, { commands }, options),
  };
}

/** Carts: several SKUs held, extended, released and confirmed together. */
export function cartCalls(calls: Calls) {
  const act =
    <Body extends object, Code extends RefusalCode>(type: "confirm" | "extend" | "release") =>
    (id: string, body?: Body, options?: CallOptions): Outcome<Cart, Code> =>
      calls.post(`${atCart(id)}/${type}`, body ?? {}, options);
  return {
    open: (body: OpenCartBody, options?: CallOptions) => calls.post<Cart, "cart-not-held">("/v1/carts", body, options),
    read: (id: string, options?: ReadOptions): Outcome<Cart> => calls.get(atCart(id), options),
    extend: act<ExtendBody, Ended | "extension-limit">("extend"),
    release: act<ReleaseBody, "already-confirmed">("release"),
    confirm: act<ConfirmCartBody, Ended>("confirm"),
  };
}

/** Drops: named sales of several SKUs. */
export function dropCalls(calls: Calls) {
  return {
    create: (body: NewDrop, options?: CallOptions): Outcome<Drop, "drop-exists" | "drop-in-use"> =>
      calls.post("/v1/drops", body, options),
    read: (drop: string, options?: ReadOptions): Outcome<Drop> => calls.get(atDrop(drop), options),
    patch: (drop: string, body: DropPatch, options?: EditOptions): Outcome<Drop, "drop-in-use" | "version-mismatch"> =>
      calls.edit(atDrop(drop), body, options),
    analytics: (drop: string, query?: AnalyticsQuery, options?: ReadOptions): Outcome<Analytics> =>
      calls.get(`${atDrop(drop)}/analytics`, { ...options, query }),
  };
}

/** The waitlist of a SKU: join, read an entry, leave or decline. */
export function waitlistCalls(calls: Calls) {
  return {
    join: (
      sku: string,
      body: JoinBody,
      options?: CallOptions,
    ): Outcome<WaitlistEntry, Closed | "limit-exceeded" | "already-waiting" | "stock-available"> =>
      calls.post(`${atSku(sku)}/waitlist`, body, options),
    read: (sku: string, id: string, options?: ReadOptions): Outcome<WaitlistEntry> =>
      calls.get(atEntry(sku, id), options),
    leave: (sku: string, id: string, options?: UnkeyedOptions): Outcome<unknown> =>
      calls.delete(atEntry(sku, id), options),
  };
}

/** Events, health and metrics. */
export function operationCalls(calls: Calls) {
  return {
    events: (query?: LogQuery & { sku?: string | undefined }, options?: ReadOptions): Outcome<Page<HoldfastEvent>> =>
      calls.get("/v1/events", { ...options, query }),
    health: (options?: ReadOptions): Outcome<{ status: string }> => calls.get("/healthz", options),
    readiness: (options?: ReadOptions): Outcome<Readiness> => calls.get("/readyz", { ...options, okStatus: 503 }),
    /** Metrics as Prometheus text. */
    metrics: (options?: ReadOptions): Outcome<string> => calls.get("/metrics", options),
  };
}
