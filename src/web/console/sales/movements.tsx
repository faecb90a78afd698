import { useCallback } from "react";
import type { Movement } from "../../../client/client.ts";
import { clockTime, count, day, words } from "../format.ts";
import { Table } from "../parts/table.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";

const SHOWN_MAX = 12;
/** Events that are looked through for movements: many are none. */
const LOOKED_AT = 100;
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
  // Moved on in steps, so that a busy sale does not read them anew with every change.
  const after = Math.max(0, Math.floor((version - LOOKED_AT) / LOOKED_AT) * LOOKED_AT);
  const load = useCallback(
    (signal: AbortSignal) => client.skus.movements(sku, { after, limit: 2 * LOOKED_AT }, { signal }),
    [client, sku, after],
  );
  const { value, failure, loadedAt } = useLoaded(load, RELOAD_MS);
  const latest = [...(value?.items ?? [])].reverse().slice(0, SHOWN_MAX);
  return (
    <section className="panel" aria-label="Latest movements">
      <h2>Latest movements</h2>
      <Trouble failure={failure} doing="read" since={loadedAt} />
      <Table label="Movements" columns={COLUMNS} isEmpty={value !== null && latest.length === 0}>
        <tbody>
          {latest.map((movement) => (
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

/** Why it was adjusted, or whose units they are. */
function noteOf({ data }: Movement): string {
  const { reason, reservation } = data as { reason?: unknown; reservation?: { customer?: unknown } };
  if (typeof reason === "string") return reason;
  return typeof reservation?.customer === "string" ? reservation.customer : "";
}
