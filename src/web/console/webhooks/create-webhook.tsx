import { useState } from "react";
import type { NewWebhook, WebhookPlan } from "../../../client/client.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { Field } from "../parts/field.tsx";
import { useNews } from "../parts/news.tsx";
import { useSession } from "../session/session.tsx";
import { useSkus } from "../state/skus.tsx";
import { EVENT_GROUPS, type EventChoice } from "./event-types.ts";

const URL_CHARS_MAX = 2048;

/** Registers an endpoint for events from now on. */
export function CreateWebhook({ onDone, onClose }: { onDone: (webhook: NewWebhook) => void; onClose: () => void }) {
  const { webhooks } = useSession().client;
  const tell = useNews();
  const [url, setUrl] = useState("");
  const [isAll, setAll] = useState(true);
  const [types, setTypes] = useState<readonly EventChoice[]>([]);
  const [skus, setSkus] = useState<readonly string[]>([]);
  const body: WebhookPlan = { url, events: isAll ? ["*"] : [...types], ...(skus.length > 0 && { skus: [...skus] }) };
  return (
    <ConfirmDialog
      title="New webhook"
      submit="Register"
      isWide
      change={["create-webhook", url, body]}
      act={(idempotencyKey) => webhooks.create(body, { idempotencyKey })}
      onDone={(created) => {
        tell("The webhook is registered.");
        onDone(created);
      }}
      onClose={onClose}
    >
      <Field
        label="URL"
        type="url"
        required
        maxLength={URL_CHARS_MAX}
        placeholder="https://"
        hint="It has to be https and public, unless the service runs for development."
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <fieldset className="ways">
        <legend>Events</legend>
        <label>
          <input type="radio" name="events" checked={isAll} onChange={() => setAll(true)} /> All, also those to come
        </label>
        <label>
          <input type="radio" name="events" checked={!isAll} onChange={() => setAll(false)} /> Only some
        </label>
      </fieldset>
      {!isAll && <Types chosen={types} onChange={setTypes} />}
      <Skus chosen={skus} onChange={setSkus} />
    </ConfirmDialog>
  );
}

function toggled<Item>(items: readonly Item[], item: Item, isIn: boolean): Item[] {
  return isIn ? [...items, item] : items.filter((other) => other !== item);
}

function Types({
  chosen,
  onChange,
}: {
  chosen: readonly EventChoice[];
  onChange: (types: readonly EventChoice[]) => void;
}) {
  return (
    <div className="groups">
      {EVENT_GROUPS.map(({ name, types }) => (
        <fieldset key={name} className="picks">
          <legend>{name}</legend>
          {types.map((type) => (
            <label key={type}>
              <input
                type="checkbox"
                checked={chosen.includes(type)}
                // Browsers have no "at least one" rule: the first is required until one is chosen.
                required={chosen.length === 0 && type === EVENT_GROUPS[0]?.types[0]}
                onChange={(event) => onChange(toggled(chosen, type, event.target.checked))}
              />
              {type}
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  );
}

function Skus({ chosen, onChange }: { chosen: readonly string[]; onChange: (skus: readonly string[]) => void }) {
  const { skus } = useSkus();
  return (
    <fieldset className="picks">
      <legend>Only these SKUs; none chosen: all</legend>
      {(skus ?? []).map(({ sku }) => (
        <label key={sku}>
          <input
            type="checkbox"
            checked={chosen.includes(sku)}
            onChange={(event) => onChange(toggled(chosen, sku, event.target.checked))}
          />
          {sku}
        </label>
      ))}
    </fieldset>
  );
}
