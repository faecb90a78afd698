import { useCallback, useEffect, useRef } from "react";
import type { Movement } from "../../../client/client.ts";
import { clockTime, count, day, words } from "../format.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Table } from "../parts/table.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { findLatest } from "./movements-latest.ts";

const RELOAD_MS = 5_000;

const COLUMNS = [
  { name: "When" },
  { name: "What" },
  { name: "Stock", isNumber: true },
  { name: "Held", isNumber: true },
  { name: "Sold", isNumber: true },
];

/** The latest changes of the stock, newest first, with their reasons. */
export function Movements({ sku, version }: { sku: string; version: number }) {
  const { client } = useSession();
  // Kept in a ref so that it does not trigger reads: a busy sale changes it faster than movements can be read.
  const newest = useRef(version);
  useEffect(() => {
    newest.current = version;
  }, [version]);
  const load = useCallback(
    (signal: AbortSignal) => findLatest((query) => client.skus.movements(sku, query, { signal }), newest.current),
    [client, sku],
  );
  const { value, failure, loadedAt } = useLoaded(load, RELOAD_MS);
  const empty =
    value?.lookedAt == null ? "No stock movements yet." : `None among the last ${count(value.lookedAt)} events.`;
  return (
    <section className="panel" aria-label="Latest movements">
      <h2>Latest movements</h2>
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      <Table label="Movements" columns={COLUMNS} isEmpty={value?.movements.length === 0} empty={empty}>
        <tbody>
          {value?.movements.map((movement) => (
            <tr key={movement.id}>
              <td className="name">
                <span className="extra-text">{day(movement.time)}, </span>
                {clockTime(movement.time)}
              </td>
              <td>
                {words(movement.type.split(".")[1] ?? movement.type)}
                <small>{noteOf(movement)}</small>
              </td>
              {[movement.dStock, movement.dHeld, movement.dSold].map((delta, index) => (
                <td key={COLUMNS[index + 2]?.name} className="number">
                  {signed(delta)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

function signed(delta: number): string {
  if (delta === 0) return "";
  return delta > 0 ? `+${count(delta)}` : `−${count(-delta)}`;
}

/** The reason of an adjustment, or the customer. */
function noteOf({ data }: Movement): string {
  const { reason, reservation } = data as { reason?: unknown; reservation?: { customer?: unknown } };
  if (typeof reason === "string") return reason;
  return typeof reservation?.customer === "string" ? reservation.customer : "";
}
