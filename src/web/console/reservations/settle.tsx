import { useState } from "react";
import type { Reservation } from "../../../client/client.ts";
import { counted } from "../format.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { Field } from "../parts/field.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";

interface SettleProps {
  reservation: Reservation;
  onDone: (reservation: Reservation) => void;
  onClose: () => void;
}

/** Confirms a hold, as a storefront does after payment; or an ended hold that can still be rescued. */
export function ConfirmReservation({ reservation, onDone, onClose }: SettleProps) {
  const { client } = useSession();
  const tell = useNews();
  const { sku, id, customer, quantity, status } = reservation;
  const [units, setUnits] = useState(String(quantity));
  const [orderId, setOrderId] = useState("");
  const body = { quantity: Number(units), ...(orderId === "" ? {} : { orderId }) };
  return (
    <ConfirmDialog
      title="Confirm this reservation?"
      submit="Confirm"
      change={["confirm", id, body]}
      act={(idempotencyKey) => client.reservations.confirm(sku, id, body, { idempotencyKey })}
      onDone={(answer) => {
        tell(`${counted(answer.confirmedQuantity, "unit")} of ${sku} sold to ${customer}.`);
        onDone(answer);
      }}
      onClose={onClose}
    >
      <p>
        {counted(quantity, "unit")} of {sku} for {customer}. What is confirmed is sold; the rest goes back on sale.
      </p>
      {status === "expired" && (
        <p className="notice">The hold has ended. It is rescued if units and limits allow; else a refund is due.</p>
      )}
      <Units most={quantity} value={units} onChange={setUnits} />
      <Field
        label="Order"
        maxLength={128}
        hint="Your shop's order number, if any"
        value={orderId}
        onChange={(event) => setOrderId(event.target.value)}
      />
    </ConfirmDialog>
  );
}

/** Releases a hold. */
export function ReleaseReservation({ reservation, onDone, onClose }: SettleProps) {
  const { client } = useSession();
  const tell = useNews();
  const { sku, id, customer, quantity } = reservation;
  return (
    <ConfirmDialog
      title="Release this reservation?"
      submit="Release"
      isDanger
      change={["release", id]}
      act={(idempotencyKey) => client.reservations.release(sku, id, {}, { idempotencyKey })}
      onDone={(answer) => {
        tell(`${counted(quantity, "unit")} of ${sku} released.`);
        onDone(answer);
      }}
      onClose={onClose}
    >
      <p>
        {customer} loses {counted(quantity, "unit")} of {sku}. They go to the waitlist or back on sale. This cannot be
        undone.
      </p>
    </ConfirmDialog>
  );
}

/** Returns sold units. */
export function ReturnReservation({ reservation, onDone, onClose }: SettleProps) {
  const { client } = useSession();
  const tell = useNews();
  const { sku, id, customer, confirmedQuantity, returnedQuantity } = reservation;
  const returnable = confirmedQuantity - returnedQuantity;
  const [units, setUnits] = useState(String(returnable));
  const [restock, setRestock] = useState(true);
  const body = { quantity: Number(units), restock };
  return (
    <ConfirmDialog
      title="Take units back?"
      submit="Take back"
      isDanger
      change={["return", id, body]}
      act={(idempotencyKey) => client.reservations.return(sku, id, body, { idempotencyKey })}
      onDone={(answer) => {
        tell(`${counted(body.quantity, "unit")} of ${sku} taken back from ${customer}.`);
        onDone(answer);
      }}
      onClose={onClose}
    >
      <p>
        {counted(returnable, "unit")} of {sku} sold to {customer} can be returned.
      </p>
      <Units most={returnable} value={units} onChange={setUnits} />
      <label className="check">
        <input type="checkbox" checked={restock} onChange={(event) => setRestock(event.target.checked)} /> Put them back
        on sale
      </label>
    </ConfirmDialog>
  );
}

function Units({ most, value, onChange }: { most: number; value: string; onChange: (value: string) => void }) {
  return (
    <Field
      label="Units"
      type="number"
      inputMode="numeric"
      required
      min={1}
      max={most}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
