import { z } from "zod";
import { LIVE_SKUS_MAX } from "../domain/bounds.ts";
import { customerName, skuName } from "./names.ts";
import { reservationView, stockView } from "./reservation.ts";
import { instant, saleState } from "./sku.ts";
import { entryView } from "./waitlist.ts";

/** The SKUs that one socket watches: `sku` once for each. */
export const liveQuery = z.strictObject({ sku: z.array(skuName).min(1).max(LIVE_SKUS_MAX) });

/** The subprotocol; a token travels beside it as `bearer.<jwt>`, which is never echoed. */
export const LIVE_PROTOCOL = "holdfast";

/** Answered by the platform without waking the object, in this spelling only. */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

export const stockFrame = stockView
  .extend({
    type: z.literal("stock"),
    sku: skuName,
    waiting: z.int().min(0),
    version: z.int().min(1),
    at: instant,
  })
  .meta({ id: "StockFrame", description: "On joining and on change, at most 10 a second; versions never go back." });

export const snapshotFrame = z
  .object({
    type: z.literal("snapshot"),
    sku: skuName,
    reservations: z.array(reservationView),
    waitlist: entryView.nullable(),
  })
  .meta({
    id: "SnapshotFrame",
    description: "The customer's own reservations and place on the waitlist, on joining with a shopper's token.",
  });

export const reservationFrame = z
  .object({
    type: z.literal("reservation"),
    event: z.enum(["held", "extended", "expiring", "expired", "confirmed", "released", "returned", "refund_required"]),
    reservation: reservationView,
  })
  .meta({ id: "ReservationFrame", description: "To the holder's own sockets only." });

export const waitlistFrame = z
  .object({
    type: z.literal("waitlist"),
    event: z.enum(["position", "offered", "accepted", "declined", "lapsed", "withdrawn"]),
    entry: entryView,
  })
  .meta({ id: "WaitlistFrame", description: "To the sockets of the customer who waits only." });

export const errorFrame = z
  .object({ type: z.literal("error"), code: z.string(), detail: z.string() })
  .meta({ id: "ErrorFrame", description: "Why the socket is about to be closed." });

export const pongFrame = z.object({ type: z.literal("pong") }).meta({ id: "PongFrame" });

export const clientFrame = z.strictObject({ type: z.literal("ping") }).meta({
  id: "PingFrame",
  description: `The only frame a client may send, exactly as ${PING}; answered with a pong. Any other ends the connection.`,
});

export type ReservationFrame = z.infer<typeof reservationFrame>;
export type ServerFrame =
  | z.infer<typeof stockFrame>
  | z.infer<typeof snapshotFrame>
  | ReservationFrame
  | z.infer<typeof waitlistFrame>
  | z.infer<typeof errorFrame>
  | z.infer<typeof pongFrame>;

/** Who watches, as the Worker has verified it; kept with the socket through hibernation. */
export const watcher = z.strictObject({
  customer: customerName.nullable(),
  trusted: z.boolean(),
  /** When the token expires, in milliseconds; null: an anonymous watcher. */
  expiresAt: z.number().nullable(),
});
export type Watcher = z.infer<typeof watcher>;

/** What a socket remembers: its watcher, what it watches, and the holds that it was warned of, each with that expiry. */
export const attachment = watcher.extend({
  skus: z.array(skuName),
  warned: z.record(z.string(), z.number()),
});
export type Attachment = z.infer<typeof attachment>;

/** The header in which the Worker hands a verified watcher to an object. */
export const WATCHER_HEADER = "Holdfast-Watcher";

/** One frame on its way to one customer's sockets; with `warns`, of a hold's end, each socket gets it once. */
export const personalFrame = z.strictObject({
  customer: customerName,
  frame: z.string(),
  warns: z.strictObject({ id: z.string(), expiresAt: z.number() }).nullable(),
});
export type PersonalFrame = z.infer<typeof personalFrame>;

/**
 * What a SKU pushes to a Relay: its stock as each audience sees it, encoded once, frames for single customers, and whether
 * it wants to know which customers watch there.
 */
export const relayPush = z.strictObject({
  sku: skuName,
  version: z.int(),
  state: saleState,
  public: z.string(),
  trusted: z.string(),
  personal: z.array(personalFrame),
  asksWho: z.boolean(),
});
export type RelayPush = z.infer<typeof relayPush>;

/** The stock alone, as every push brings it. */
export type StockPush = Omit<RelayPush, "personal" | "asksWho">;

/** Whether anybody watches a SKU at a Relay, and, when it was asked, the places (`placeOf`) of the customers who do. */
export interface Attendance {
  isWatched: boolean;
  places: number[] | null;
}

/** The header in which the Worker names the SKUs that a socket watches. */
export const SKUS_HEADER = "Holdfast-Skus";

/** The header in which an object that turns a socket away names the SKU that does not exist. */
export const UNKNOWN_SKU_HEADER = "Holdfast-Unknown-Sku";

/** SKUs as the value of that header; their names need no escaping. */
export function writeSkus(skus: readonly string[]): string {
  return skus.join(",");
}

/** The SKUs in that header; throws when there are none, for then the Worker has a bug. */
export function readSkus(header: string | null): string[] {
  return z
    .array(skuName)
    .min(1)
    .parse((header ?? "").split(","));
}

/** A watcher as the value of that header: names may hold any script, headers may not. */
export function writeWatcher(who: Watcher): string {
  return encodeURIComponent(JSON.stringify(who));
}

/** The watcher in that header; throws when there is none, for then the Worker has a bug. */
export function readWatcher(header: string | null): Watcher {
  return watcher.parse(JSON.parse(decodeURIComponent(header ?? "null")));
}
