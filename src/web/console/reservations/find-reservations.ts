import type { Holdfast, Page, Reservation, ReservationStatus } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";

const PAGE_ITEMS = 25;

/** Finds what the address asks for: one reservation by SKU and id, or a page of matching ones. */
export async function findReservations(
  { reservations }: Pick<Holdfast, "reservations">,
  query: URLSearchParams,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Result<Page<Reservation>, RefusalCode>> {
  const one = namedBy(query);
  if (one === null) return reservations.list({ ...filterOf(query), cursor, limit: PAGE_ITEMS }, { signal });
  const read = await reservations.read(one.sku, one.id, { signal });
  return read.ok ? { ...read, value: { items: [read.value], nextCursor: null } } : read;
}

/** The reservation that the address names; null if it names none. */
export function namedBy(query: URLSearchParams): { sku: string; id: string } | null {
  const [sku, id] = [query.get("sku"), query.get("id")];
  return sku && id ? { sku, id } : null;
}

function filterOf(query: URLSearchParams) {
  const customer = query.get("customer");
  const sku = query.get("sku");
  const status = query.get("status") as ReservationStatus | null;
  return { ...(customer && { customer }), ...(sku && { sku }), ...(status && { status }) };
}

/** The newer of two states of one reservation. */
export function newerOf(known: Reservation, other: Reservation | null | undefined): Reservation {
  return other && other.version > known.version ? other : known;
}
