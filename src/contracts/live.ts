import { z } from "zod";
import { LIVE_SKUS_MAX } from "../domain/bounds.ts";
import { customerName, skuName } from "./names.ts";
import { reservationView, stockView } from "./reservation.ts";
import { instant, saleState } from "./sku.ts";
import { entryView } from "./waitlist.ts";

/** The SKUs that one socket watches: one `sku` parameter for each. */
export const liveQuery = z.strictObject({ sku: z.array(skuName).min(1).max(LIVE_SKUS_MAX) });

/** The paths of the live feeds: of one SKU, and of several. */
export const LIVE_OF_ONE = "/v1/skus/{sku}/live";
export const LIVE_OF_SEVERAL = "/v1/live";

/** The subprotocol; a token travels beside it as `bearer.<jwt>`, which is never echoed. */
export const LIVE_PROTOCOL = "holdfast";

/** Answered by the platform without waking the object, in exactly this spelling. */
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
  .meta({
    id: "StockFrame",
    description: "Sent on joining and on change, at most 10 times a second; versions never go back.",
  });

export const snapshotFrame = z
  .object({
    type: z.literal("snapshot"),
    sku: skuName,
    reservations: z.array(reservationView),
    waitlist: entryView.nullable(),
  })
  .meta({
    id: "SnapshotFrame",
    description: "The customer's own reservations and waitlist entry, sent on joining with a shopper's token.",
  });

export const reservationFrame = z
  .object({
    type: z.literal("reservation"),
    event: z.enum(["held", "extended", "expiring", "expired", "confirmed", "released", "returned", "refund_required"]),
    reservation: reservationView,
  })
  .meta({ id: "ReservationFrame", description: "Sent to the holder's own sockets only." });

export const waitlistFrame = z
  .object({
    type: z.literal("waitlist"),
    event: z.enum(["position", "offered", "accepted", "declined", "lapsed", "withdrawn"]),
    entry: entryView,
  })
  .meta({ id: "WaitlistFrame", description: "Sent to the sockets of the waiting customer only." });

export const errorFrame = z
  .object({ type: z.literal("error"), code: z.string(), detail: z.string() })
  .meta({ id: "ErrorFrame", description: "Sent before the service closes the socket: the reason." });

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

/** A watcher as verified by the Worker; stored in the socket's attachment, so that it survives hibernation. */
export const watcher = z.strictObject({
  customer: customerName.nullable(),
  trusted: z.boolean(),
  /** When the token expires, in milliseconds; null for an anonymous watcher. */
  expiresAt: z.number().nullable(),
});
export type Watcher = z.infer<typeof watcher>;

/**
 * What a socket's attachment stores: its watcher, its SKUs, and the holds that it was warned about, each with the
 * expiry at that time.
 */
export const attachment = watcher.extend({
  skus: z.array(skuName),
  warned: z.record(z.string(), z.number()),
});
export type Attachment = z.infer<typeof attachment>;

/** The header in which the Worker passes a verified watcher to an object. */
export const WATCHER_HEADER = "Holdfast-Watcher";

/** One frame for all sockets of one customer. `warns` marks a warning of a hold's end, which each socket gets once. */
export const personalFrame = z.strictObject({
  customer: customerName,
  frame: z.string(),
  warns: z.strictObject({ id: z.string(), expiresAt: z.number() }).nullable(),
});
export type PersonalFrame = z.infer<typeof personalFrame>;

/**
 * What a SKU pushes to a Relay: its stock as each audience sees it, encoded once, frames for single customers, and
 * whether it asks which customers watch there.
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

/** The stock part, which every push contains. */
export type StockPush = Omit<RelayPush, "personal" | "asksWho">;

/** Whether anybody watches a SKU at a Relay and, if asked, the places (`placeOf`) of the watching customers. */
export interface Attendance {
  isWatched: boolean;
  places: number[] | null;
}

/** The header in which the Worker lists the SKUs that a socket watches. */
export const SKUS_HEADER = "Holdfast-Skus";

/** The header in which an object that refuses a socket names the SKU that does not exist. */
export const UNKNOWN_SKU_HEADER = "Holdfast-Unknown-Sku";

/** Encodes SKUs for that header; their names need no escaping. */
export function writeSkus(skus: readonly string[]): string {
  return skus.join(",");
}

/** Decodes the SKUs in that header; throws if there are none, which would be a bug of the Worker. */
export function readSkus(header: string | null): string[] {
  return z
    .array(skuName)
    .min(1)
    .parse((header ?? "").split(","));
}

/** Encodes a watcher for that header: names may contain any script, headers may not. */
export function writeWatcher(who: Watcher): string {
  return encodeURIComponent(JSON.stringify(who));
}

/** Decodes the watcher in that header; throws if there is none, which would be a bug of the Worker. */
export function readWatcher(header: string | null): Watcher {
  return watcher.parse(JSON.parse(decodeURIComponent(header ?? "null")));
}
