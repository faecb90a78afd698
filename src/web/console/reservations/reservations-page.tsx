import { useCallback, useState } from "react";
import type { Reservation } from "../../../client/client.ts";
import { useCursors } from "../parts/cursors.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, Table } from "../parts/table.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { findReservations, namedBy, newerOf } from "./find-reservations.ts";
import { ReservationDialog } from "./reservation-dialog.tsx";
import { RESERVATION_COLUMNS, ReservationRow } from "./reservation-row.tsx";
import { Search } from "./search.tsx";

const RELOAD_MS = 5_000;

/** Reservations by customer, SKU, status or id, with their actions. */
export function ReservationsPage({ query }: { query: URLSearchParams }) {
  const { client } = useSession();
  const cursors = useCursors();
  // A reservation named in the address is opened at once.
  const [chosen, setChosen] = useState<Reservation | null | "named">("named");
  // Answers to changes are newer than the list as long as that lags.
  const [changed, setChanged] = useState<ReadonlyMap<string, Reservation>>(new Map());
  const { cursor } = cursors;
  const load = useCallback(
    (signal: AbortSignal) => findReservations(client, query, cursor, signal),
    [client, query, cursor],
  );
  const { value, failure, loadedAt, reload } = useLoaded(load, RELOAD_MS);
  const items = (value?.items ?? []).map((item) => newerOf(item, changed.get(item.id)));
  const named = namedBy(query) && items[0];
  const opened = chosen === "named" ? named : chosen;
  const next = value?.nextCursor ?? null;
  return (
    <Page title="Reservations">
      <Search query={query} />
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      <Table
        label="Reservations"
        columns={RESERVATION_COLUMNS}
        isReading={value === null && failure === null}
        isEmpty={value?.items.length === 0}
        empty="No reservation matches."
      >
        <tbody>
          {items.map((item) => (
            <ReservationRow key={item.id} reservation={item} onOpen={() => setChosen(item)} />
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
          reservation={newerOf(opened, changed.get(opened.id))}
          onChanged={(reservation) => {
            setChanged((before) => new Map(before).set(reservation.id, reservation));
            reload();
          }}
          onClose={() => setChosen(null)}
        />
      )}
    </Page>
  );
}
