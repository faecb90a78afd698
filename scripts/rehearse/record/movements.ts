import { z } from "zod";
import { reservationView } from "../../../src/contracts/reservation.ts";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { EntryView } from "../crowd/books.ts";
import type { Reservation } from "../crowd/sku-books.ts";
import type { Movement } from "./sku-record.ts";

// Metadata is told by the event that sets it, and by no other.
const moved = reservationView.extend({ metadata: reservationView.shape.metadata.default({}) });
const about = z.object({
  reservation: moved.nullable().catch(null).default(null),
  entry: entryView.nullable().catch(null).default(null),
});

/** The reservation that a movement is about, as it was right after it. */
export function reservationIn({ data }: Movement): Reservation | null {
  return about.parse(data).reservation;
}

/** The entry of the waitlist that a movement has changed. */
export function entryIn({ data }: Movement): EntryView | null {
  return about.parse(data).entry;
}
