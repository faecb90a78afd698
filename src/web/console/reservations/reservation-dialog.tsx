import { useCallback, useState } from "react";
import type { Reservation } from "../../../client/client.ts";
import { count, counted, moment, NONE } from "../format.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Mark } from "../parts/marks.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { hrefOf } from "../state/route.ts";
import { newerOf } from "./find-reservations.ts";
import { ConfirmReservation, ReleaseReservation, ReturnReservation } from "./settle.tsx";

const RELOAD_MS = 3_000;

/** One reservation in its current state, with its actions. */
export function ReservationDialog({
  reservation: known,
  onChanged,
  onClose,
}: {
  reservation: Reservation;
  onChanged: (reservation: Reservation) => void;
  onClose: () => void;
}) {
  const { client } = useSession();
  const { sku, id } = known;
  const load = useCallback((signal: AbortSignal) => client.reservations.read(sku, id, { signal }), [client, sku, id]);
  const { value, failure, loadedAt } = useLoaded(load, RELOAD_MS);
  const reservation = newerOf(known, value);
  const [asked, setAsked] = useState<"confirm" | "release" | "return" | null>(null);
  const { status, confirmedQuantity, returnedQuantity, cart } = reservation;
  const dialog = { reservation, onDone: onChanged, onClose: () => setAsked(null) };
  if (asked === "confirm") return <ConfirmReservation {...dialog} />;
  if (asked === "release") return <ReleaseReservation {...dialog} />;
  if (asked === "return") return <ReturnReservation {...dialog} />;
  return (
    <Dialog title="Reservation" onClose={onClose}>
      <div className="dialog-body">
        <ErrorNotice failure={failure} doing="read" since={loadedAt} />
        <p>
          <Mark state={status} />
        </p>
        <Facts reservation={reservation} />
        {cart !== null && status === "held" && (
          <p className="hint">This is a line of a cart: it is confirmed with its cart, but can be released alone.</p>
        )}
      </div>
      <div className="buttons">
        <button className="button" type="button" onClick={onClose}>
          Close
        </button>
        {status === "held" && (
          <button className="button danger" type="button" onClick={() => setAsked("release")}>
            Release…
          </button>
        )}
        {(status === "held" || status === "expired") && cart === null && (
          <button className="button" type="button" onClick={() => setAsked("confirm")}>
            Confirm…
          </button>
        )}
        {status === "confirmed" && confirmedQuantity > returnedQuantity && (
          <button className="button danger" type="button" onClick={() => setAsked("return")}>
            Return…
          </button>
        )}
      </div>
    </Dialog>
  );
}

function Facts({ reservation }: { reservation: Reservation }) {
  const { id, sku, customer, quantity, confirmedQuantity, returnedQuantity, cart, metadata } = reservation;
  const rows: [string, string][] = [
    ["Id", id],
    ["Customer", customer],
    ["Units", count(quantity)],
    ["Confirmed", count(confirmedQuantity)],
    ["Returned", count(returnedQuantity)],
    ["Made", moment(reservation.createdAt)],
    ["Holds until", moment(reservation.expiresAt)],
    ["Extendable until", moment(reservation.extendableUntil)],
    ["Order", reservation.orderId ?? NONE],
    ["Rescued after expiry", reservation.rescued ? "yes" : "no"],
    ["Cart", cart ?? NONE],
    ...Object.entries(metadata),
  ];
  return (
    <dl className="rows">
      <div>
        <dt>SKU</dt>
        <dd>
          <a href={hrefOf("skus", sku)}>{sku}</a>
        </dd>
      </div>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {reservation.refunds.map(({ orderId, quantity, at }) => (
        <div key={orderId} className="alarm">
          <dt>Refund due</dt>
          <dd>
            {orderId ?? "no order named"}, {counted(quantity, "unit")}, {moment(at)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
