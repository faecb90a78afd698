import { useCallback, useState } from "react";
import type { Reservation, ReservationStatus } from "../../../client/client.ts";
import { useCursors } from "../parts/cursors.ts";
import { Page } from "../parts/page.tsx";
import { Pager, Table } from "../parts/table.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { ReservationDialog } from "./reservation-dialog.tsx";
import { RESERVATION_COLUMNS, ReservationRow } from "./reservation-row.tsx";
import { Search } from "./search.tsx";

const PAGE_ITEMS = 25;
const RELOAD_MS = 5_000;

/** Reservations by customer, SKU and status, with what can be done to each. */
export function ReservationsPage({ query }: { query: URLSearchParams }) {
  const { client } = useSession();
  const cursors = useCursors();
  const [opened, setOpened] = useState<Reservation | null>(null);
  // Answers to changes, which are newer than the list for as long as that lags.
  const [changed, setChanged] = useState<ReadonlyMap<string, Reservation>>(new Map());
  const { cursor } = cursors;
  const load = useCallback(
    (signal: AbortSignal) => client.reservations.list({ ...filterOf(query), cursor, limit: PAGE_ITEMS }, { signal }),
    [client, query, cursor],
  );
  const { value, failure, loadedAt, reload } = useLoaded(load, RELOAD_MS);
  const items = (value?.items ?? []).map((item) => newerOf(item, changed.get(item.id)));
  const next = value?.nextCursor ?? null;
  return (
    <Page title="Reservations">
      <Search query={query} />
      <Trouble failure={failure} doing="read" since={loadedAt} />
      <Table
        label="Reservations"
        columns={RESERVATION_COLUMNS}
        isEmpty={value !== null && items.length === 0}
        empty="No reservation matches."
      >
        <tbody>
          {items.map((item) => (
            <ReservationRow key={item.id} reservation={item} onOpen={() => setOpened(item)} />
          ))}
        </tbody>
      </Table>
      <Pager
        page={cursors.page}
        isLast={next === null}
        onBack={cursors.back}
        onNext={() => next !== null && cursors.next(next)}
      />
      {opened && (
        <ReservationDialog
          reservation={newerOf(items.find(({ id }) => id === opened.id) ?? opened, changed.get(opened.id))}
          onChanged={(reservation) => {
            setChanged((before) => new Map(before).set(reservation.id, reservation));
            reload();
          }}
          onClose={() => setOpened(null)}
        />
      )}
    </Page>
  );
}

function newerOf(listed: Reservation, answered: Reservation | undefined): Reservation {
  return answered !== undefined && answered.version > listed.version ? answered : listed;
}

function filterOf(query: URLSearchParams) {
  const customer = query.get("customer");
  const sku = query.get("sku");
  const status = query.get("status") as ReservationStatus | null;
  return { ...(customer && { customer }), ...(sku && { sku }), ...(status && { status }) };
}
