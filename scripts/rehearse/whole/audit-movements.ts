import { z } from "zod";
import { reservationView } from "../../../src/contracts/reservation.ts";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { Reservation } from "../books.ts";
import type { Movement } from "../record.ts";
import type { EntryView } from "./books.ts";

const about = z.object({
  reservation: reservationView.nullable().catch(null).default(null),
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
