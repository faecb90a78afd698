import type { Reservation } from "../../../client/client.ts";
import { away, count, moment } from "../format.ts";
import { Mark } from "../parts/marks.tsx";
import type { Column } from "../parts/table.tsx";
import { useSession } from "../session/session.tsx";
import { useNow } from "../state/now.ts";
import { hrefOf } from "../state/route.ts";

/** The columns of `ReservationRow`. */
export const RESERVATION_COLUMNS: readonly Column[] = [
  { name: "Customer" },
  { name: "SKU" },
  { name: "Units", isNumber: true, from: 24 },
  { name: "Status", from: 40 },
  { name: "Made", from: 62 },
  { name: "Holds until", from: 40 },
  { name: "Order", from: 48 },
  { name: "Actions", isBare: true },
];

/** One reservation in a list. */
export function ReservationRow({ reservation, onOpen }: { reservation: Reservation; onOpen: () => void }) {
  const { id, customer, sku, quantity, status, createdAt, expiresAt, orderId, rescued, cart, refunds } = reservation;
  return (
    <tr data-reservation={id}>
      <th scope="row">
        {customer}
        <small className="code from-40">{id}</small>
        <span className="narrow">
          <Mark state={status} />
        </span>
      </th>
      <td className="name">
        <a href={hrefOf("skus", sku)}>{sku}</a>
      </td>
      <td className="number from-24">{count(quantity)}</td>
      <td className="from-40">
        <Mark state={status} />
        {rescued && <small>rescued</small>}
        {cart !== null && <small>line of a cart</small>}
        {refunds.length > 0 && <small>refund due</small>}
      </td>
      <td className="from-62">{moment(createdAt)}</td>
      <td className="from-40">{status === "held" ? <Countdown until={expiresAt} /> : ""}</td>
      <td className="from-48">{orderId ?? ""}</td>
      <td className="row-actions">
        <button className="button small" type="button" onClick={onOpen}>
          Open<span className="unseen"> reservation of {customer}</span>
        </button>
      </td>
    </tr>
  );
}

/** Counts down by the service's clock. */
function Countdown({ until }: { until: string }) {
  const { client } = useSession();
  useNow();
  return (
    <>
      {moment(until)}
      <small>{away(until, client.clock.now())}</small>
    </>
  );
}
