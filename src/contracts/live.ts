import { z } from "zod";
import { customerName, skuName } from "./names.ts";
import { reservationView, stockView } from "./reservation.ts";
import { instant } from "./sku.ts";

/** The subprotocol; a token travels beside it as `bearer.<jwt>`, which is never echoed. */
export const LIVE_PROTOCOL = "holdfast";

/** Answered by the platform without waking the object; any other spelling of it is answered by the object. */
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
  .object({ type: z.literal("snapshot"), sku: skuName, reservations: z.array(reservationView), waitlist: z.null() })
  .meta({ id: "SnapshotFrame", description: "The customer's own reservations, on joining with a shopper's token." });

export const reservationFrame = z
  .object({
    type: z.literal("reservation"),
    event: z.enum(["held", "extended", "expiring", "expired", "confirmed", "released", "returned", "refund_required"]),
    reservation: reservationView,
  })
  .meta({ id: "ReservationFrame", description: "To the holder's own sockets only." });

export const errorFrame = z
  .object({ type: z.literal("error"), code: z.string(), detail: z.string() })
  .meta({ id: "ErrorFrame", description: "Why the socket is about to be closed." });

export const pongFrame = z.object({ type: z.literal("pong") }).meta({ id: "PongFrame" });

export const clientFrame = z
  .strictObject({ type: z.literal("ping") })
  .meta({ id: "PingFrame", description: "The only frame a client may send; answered with a pong." });

export type ReservationFrame = z.infer<typeof reservationFrame>;
export type ServerFrame =
  | z.infer<typeof stockFrame>
  | z.infer<typeof snapshotFrame>
  | ReservationFrame
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

/** What a socket remembers: its watcher, and the holds that it was warned of, each with the expiry it was warned of. */
export const attachment = watcher.extend({ warned: z.record(z.string(), z.number()) });
export type Attachment = z.infer<typeof attachment>;

/** The header in which the Worker hands a verified watcher to an object. */
export const WATCHER_HEADER = "Holdfast-Watcher";

/** A watcher as the value of that header: names may hold any script, headers may not. */
export function writeWatcher(who: Watcher): string {
  return encodeURIComponent(JSON.stringify(who));
}

/** The watcher in that header; throws when there is none, for then the Worker has a bug. */
export function readWatcher(header: string | null): Watcher {
  return watcher.parse(JSON.parse(decodeURIComponent(header ?? "null")));
}
