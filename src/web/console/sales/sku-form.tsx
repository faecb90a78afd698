import { useState } from "react";
import type { TrustedSku } from "../../../client/client.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { Field } from "../parts/field.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";
import { LOCAL_TIME_INPUT } from "./local-time.ts";
import { fieldsOf, POLICY_INPUTS, type PolicyFields, patchOf, USUAL_FIELDS } from "./policy-form.ts";

const NAME_CHARS_MAX = 64;
const TITLE_CHARS_MAX = 200;
const STOCK_MAX = 1_000_000;
/** The service's rule for names, for the browser's validation. */
export const NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._\\-]*";
export const NAME_HINT = "Letters, digits, dot, underscore and hyphen. It cannot be changed later.";

interface FormProps {
  onDone: (sku: TrustedSku) => void;
  onClose: () => void;
}

/** Creates a SKU. */
export function NewSku({ onDone, onClose }: FormProps) {
  const { client } = useSession();
  const tell = useNews();
  const [sku, setSku] = useState("");
  const [name, setName] = useState("");
  const [stock, setStock] = useState("");
  const [fields, setFields] = useState(USUAL_FIELDS);
  const [paused, setPaused] = useState(false);
  const policy = { ...patchOf(USUAL_FIELDS, fields), ...(paused ? { paused } : {}) };
  const body = { sku, name, stock: Number(stock), policy };
  return (
    <ConfirmDialog
      title="New SKU"
      submit="Create"
      isWide
      change={["create-sku", sku, body]}
      act={(idempotencyKey) => client.skus.create(body, { idempotencyKey, waitSeconds: 2 })}
      onDone={(created) => {
        tell(`${created.sku} created with a stock of ${created.stock}.`);
        onDone(created);
      }}
      onClose={onClose}
    >
      <div className="fields">
        <Field
          label="SKU"
          required
          maxLength={NAME_CHARS_MAX}
          pattern={NAME_PATTERN}
          title={NAME_HINT}
          hint={NAME_HINT}
          value={sku}
          onChange={(event) => setSku(event.target.value)}
        />
        <Title value={name} onChange={setName} />
        <Field
          label="Stock"
          type="number"
          inputMode="numeric"
          required
          min={0}
          max={STOCK_MAX}
          hint="Units put up for sale"
          value={stock}
          onChange={(event) => setStock(event.target.value)}
        />
      </div>
      <div>
        <label className="check">
          <input type="checkbox" checked={paused} onChange={(event) => setPaused(event.target.checked)} /> Create it
          paused
        </label>
        <p className="hint">
          For a SKU that will join a drop: it can join only while none of its units is held or sold. Resume it after
          that.
        </p>
      </div>
      <PolicyInputs fields={fields} onChange={setFields} />
    </ConfirmDialog>
  );
}

/** Edits name and policy of a SKU, unless somebody else did meanwhile. */
export function EditSku({ sku: now, onDone, onClose }: FormProps & { sku: TrustedSku }) {
  const { client } = useSession();
  const tell = useNews();
  // The SKU as it was when the form was opened: later changes must not change the form.
  const [sku] = useState(now);
  const [before] = useState(() => fieldsOf(sku.policy));
  const [name, setName] = useState(sku.name);
  const [fields, setFields] = useState(before);
  const patch = { ...(name === sku.name ? {} : { name }), policy: patchOf(before, fields) };
  return (
    <ConfirmDialog
      title={`Edit ${sku.sku}`}
      submit="Save"
      isWide
      change={["edit-sku", sku.sku, patch]}
      act={() => client.skus.patch(sku.sku, patch, { ifRevision: sku.revision })}
      onDone={(changed) => {
        tell(`${sku.sku} saved.`);
        onDone(changed);
      }}
      onClose={onClose}
    >
      <div className="fields">
        <Title value={name} onChange={setName} />
      </div>
      <PolicyInputs fields={fields} onChange={setFields} />
      <p className="hint">Existing holds keep their times; later ones use the new policy.</p>
    </ConfirmDialog>
  );
}

/** The name that shoppers see. */
export function Title({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field
      label="Name"
      required
      maxLength={TITLE_CHARS_MAX}
      hint="What shoppers see"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function PolicyInputs({ fields, onChange }: { fields: PolicyFields; onChange: (fields: PolicyFields) => void }) {
  return (
    <fieldset className="policy">
      <legend>Policy</legend>
      <div className="fields">
        {POLICY_INPUTS.map(({ name, label, kind, mayBeEmpty, least, hint }) => (
          <Field
            key={name}
            label={label}
            {...(kind === "time" ? LOCAL_TIME_INPUT : { type: "number", min: least, inputMode: "numeric" as const })}
            required={!mayBeEmpty}
            {...(hint === undefined ? {} : { hint })}
            value={fields[name]}
            onChange={(event) => onChange({ ...fields, [name]: event.target.value })}
          />
        ))}
      </div>
    </fieldset>
  );
}
