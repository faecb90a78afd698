import { useState } from "react";
import type { Reservation } from "../../../client/client.ts";
import { count, moment, NONE } from "../format.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Mark } from "../parts/marks.tsx";
import { hrefOf } from "../state/route.ts";
import { ConfirmReservation, ReleaseReservation, ReturnReservation } from "./settle.tsx";

/** Everything about one reservation, and what can be done to it as it stands. */
export function ReservationDialog({
  reservation,
  onChanged,
  onClose,
}: {
  reservation: Reservation;
  onChanged: (reservation: Reservation) => void;
  onClose: () => void;
}) {
  const [asked, setAsked] = useState<"confirm" | "release" | "return" | null>(null);
  const { status, confirmedQuantity, returnedQuantity, cart } = reservation;
  const dialog = { reservation, onDone: onChanged, onClose: () => setAsked(null) };
  if (asked === "confirm") return <ConfirmReservation {...dialog} />;
  if (asked === "release") return <ReleaseReservation {...dialog} />;
  if (asked === "return") return <ReturnReservation {...dialog} />;
  return (
    <Dialog title="Reservation" onClose={onClose}>
      <div className="dialog-body">
        <p>
          <Mark state={status} />
        </p>
        <Facts reservation={reservation} />
        {cart !== null && status === "held" && (
          <p className="hint">It is a line of a cart: the cart confirms it, but it can be released by itself.</p>
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
    ["Rescued after its end", reservation.rescued ? "yes" : "no"],
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
    </dl>
  );
}
