import { useState } from "react";
import type { Drop, DropPatch, TrustedSku } from "../../../client/client.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { Field } from "../parts/field.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";
import { useSkus } from "../state/skus.tsx";
import { instantOf, LOCAL_TIME_INPUT, localOf } from "./local-time.ts";
import { NAME_HINT, NAME_PATTERN, Title } from "./sku-form.tsx";

interface Plan {
  name: string;
  skus: readonly string[];
  opensAt: string;
  closesAt: string;
  limit: string;
}

const EMPTY: Plan = { name: "", skus: [], opensAt: "", closesAt: "", limit: "" };

interface FormProps {
  onDone: (drop: Drop) => void;
  onClose: () => void;
}

/** Creates a drop of SKUs that are in none. */
export function NewDrop({ onDone, onClose }: FormProps) {
  const { client } = useSession();
  const tell = useNews();
  const [drop, setDrop] = useState("");
  const [plan, setPlan] = useState(EMPTY);
  const body = { drop, ...wireOf(plan) };
  return (
    <ConfirmDialog
      title="New drop"
      submit="Create"
      isWide
      change={["create-drop", drop, body]}
      act={(idempotencyKey) => client.drops.create(body, { idempotencyKey, waitSeconds: 2 })}
      onDone={(created) => {
        tell(`Drop ${created.drop} created.`);
        onDone(created);
      }}
      onClose={onClose}
    >
      <div className="fields">
        <Field
          label="Drop"
          required
          maxLength={64}
          pattern={NAME_PATTERN}
          title={NAME_HINT}
          hint={NAME_HINT}
          value={drop}
          onChange={(event) => setDrop(event.target.value)}
        />
      </div>
      <PlanInputs drop={null} plan={plan} onChange={setPlan} />
    </ConfirmDialog>
  );
}

/** Edits a drop, unless somebody else did meanwhile. When it is answered, all of its SKUs have the change. */
export function EditDrop({ drop: now, onDone, onClose }: FormProps & { drop: Drop }) {
  const { client } = useSession();
  const tell = useNews();
  // The drop as it was when the form was opened: changes are computed against it.
  const [drop] = useState(now);
  const [before] = useState(() => planOf(drop));
  const [plan, setPlan] = useState(before);
  const patch = changesOf(before, plan);
  return (
    <ConfirmDialog
      title={`Edit the drop ${drop.drop}`}
      submit="Save"
      isWide
      change={["edit-drop", drop.drop, patch]}
      act={() => client.drops.patch(drop.drop, patch, { ifRevision: drop.revision, waitSeconds: 2 })}
      onDone={(changed) => {
        tell(`Drop ${drop.drop} saved.`);
        onDone(changed);
      }}
      onClose={onClose}
    >
      <PlanInputs drop={drop.drop} plan={plan} onChange={setPlan} />
      <p className="hint">
        SKUs can join or leave, and the limit can be switched on or off, only while none of their units is held or sold.
      </p>
    </ConfirmDialog>
  );
}

function planOf({ name, skus, opensAt, closesAt, perCustomerLimit }: Drop): Plan {
  const limit = perCustomerLimit === null ? "" : String(perCustomerLimit);
  return { name, skus, opensAt: localOf(opensAt), closesAt: localOf(closesAt), limit };
}

function wireOf({ name, skus, opensAt, closesAt, limit }: Plan) {
  return {
    name,
    skus: [...skus],
    opensAt: instantOf(opensAt),
    closesAt: instantOf(closesAt),
    perCustomerLimit: limit === "" ? null : Number(limit),
  };
}

/** Only what was changed. */
function changesOf(before: Plan, after: Plan): DropPatch {
  const [old, wanted] = [wireOf(before), wireOf(after)];
  const changed = Object.entries(wanted).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof typeof old]),
  );
  return Object.fromEntries(changed);
}

function PlanInputs({ drop, plan, onChange }: { drop: string | null; plan: Plan; onChange: (plan: Plan) => void }) {
  const set = (name: "opensAt" | "closesAt" | "limit") => (event: { target: { value: string } }) =>
    onChange({ ...plan, [name]: event.target.value });
  return (
    <>
      <div className="fields">
        <Title value={plan.name} onChange={(name) => onChange({ ...plan, name })} />
        <Field
          label="Opens"
          {...LOCAL_TIME_INPUT}
          hint="Local time; empty: at once"
          value={plan.opensAt}
          onChange={set("opensAt")}
        />
        <Field
          label="Closes"
          {...LOCAL_TIME_INPUT}
          hint="Local time; empty: never"
          value={plan.closesAt}
          onChange={set("closesAt")}
        />
        <Field
          label="Units per customer, over all its SKUs"
          type="number"
          inputMode="numeric"
          min={1}
          hint="Empty: no limit"
          value={plan.limit}
          onChange={set("limit")}
        />
      </div>
      <SkuChoice drop={drop} chosen={plan.skus} onChange={(skus) => onChange({ ...plan, skus })} />
    </>
  );
}

function SkuChoice({
  drop,
  chosen,
  onChange,
}: {
  drop: string | null;
  chosen: readonly string[];
  onChange: (skus: string[]) => void;
}) {
  const { skus } = useSkus();
  const free = (skus ?? []).filter((sku) => sku.drop === null || sku.drop === drop);
  return (
    <fieldset className="picks">
      <legend>SKUs</legend>
      {free.length === 0 && <p className="hint">Every SKU is in a drop already. Create one first.</p>}
      {free.map(({ sku, name }: TrustedSku) => (
        <label key={sku}>
          <input
            type="checkbox"
            checked={chosen.includes(sku)}
            // Browsers have no "at least one" rule: the first is required until one is chosen.
            required={chosen.length === 0 && sku === free[0]?.sku}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, sku] : chosen.filter((other) => other !== sku))
            }
          />
          <b>{sku}</b> {name}
        </label>
      ))}
    </fieldset>
  );
}
