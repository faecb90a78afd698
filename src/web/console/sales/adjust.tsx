import { useState } from "react";
import type { TrustedSku } from "../../../client/client.ts";
import { count, counted } from "../format.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { Field } from "../parts/field.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";

/** Units in one adjustment, and characters of its reason: the service's bounds. */
const DELTA_MAX = 1_000_000;
const REASON_CHARS_MAX = 200;

/** Adds units to the stock or removes free ones, with a reason for the stock history. */
export function Adjust({
  sku,
  onDone,
  onClose,
}: {
  sku: TrustedSku;
  onDone: (sku: TrustedSku) => void;
  onClose: () => void;
}) {
  const { client } = useSession();
  const tell = useNews();
  const [way, setWay] = useState<"in" | "out">("in");
  const [units, setUnits] = useState("");
  const [reason, setReason] = useState("");
  const delta = (way === "in" ? 1 : -1) * (Number(units) || 0);
  const words = `${counted(Math.abs(delta), "unit")} ${way === "in" ? "in" : "out"}`;
  return (
    <ConfirmDialog
      title={`Adjust the stock of ${sku.sku}`}
      submit={way === "in" ? `Put ${words}` : `Take ${words}`}
      isDanger={way === "out"}
      change={["adjust", sku.sku, { delta, reason }]}
      act={(idempotencyKey) => client.skus.adjust(sku.sku, { delta, reason }, { idempotencyKey })}
      onDone={(changed) => {
        tell(`${sku.sku}: ${words}. The stock is ${count(changed.stock)} now.`);
        onDone(changed);
      }}
      onClose={onClose}
    >
      <fieldset className="ways">
        <legend className="unseen">Direction</legend>
        <label>
          <input type="radio" name="way" checked={way === "in"} onChange={() => setWay("in")} /> Put units in
        </label>
        <label>
          <input type="radio" name="way" checked={way === "out"} onChange={() => setWay("out")} /> Take units out
        </label>
      </fieldset>
      <Field
        label="Units"
        type="number"
        inputMode="numeric"
        required
        min={1}
        max={DELTA_MAX}
        value={units}
        onChange={(event) => setUnits(event.target.value)}
      />
      <Field
        label="Reason"
        required
        maxLength={REASON_CHARS_MAX}
        value={reason}
        hint="Shown in the stock history."
        onChange={(event) => setReason(event.target.value)}
      />
      <dl className="rows">
        <Change name="Stock" before={sku.stock} delta={delta} />
        <Change name="Available" before={sku.available} delta={delta} />
      </dl>
    </ConfirmDialog>
  );
}

function Change({ name, before, delta }: { name: string; before: number; delta: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {count(before)}
        {delta !== 0 && ` → ${count(before + delta)}`}
      </dd>
    </div>
  );
}
