import { useState } from "react";
import type { RotatedSecret, WebhookState } from "../../../client/client.ts";
import { ConfirmDialog } from "../parts/confirm-dialog.tsx";
import { Field } from "../parts/field.tsx";
import { useNews } from "../parts/news.tsx";
import { instantOf, LOCAL_TIME_INPUT, localOf } from "../sales/local-time.ts";
import { useSession } from "../session/session.tsx";

interface AskProps<Value> {
  webhook: WebhookState;
  onDone: (value: Value) => void;
  onClose: () => void;
}

/** How far back “again” begins when nobody says. */
const HOUR_MS = 60 * 60 * 1000;

/** Gives a webhook another secret. */
export function RotateWebhook({ webhook, onDone, onClose }: AskProps<RotatedSecret>) {
  const { webhooks } = useSession().client;
  const tell = useNews();
  return (
    <ConfirmDialog
      title="Rotate the secret?"
      submit="Rotate"
      change={["rotate", webhook.id]}
      act={(idempotencyKey) => webhooks.rotate(webhook.id, { idempotencyKey })}
      onDone={(rotated) => {
        tell("The secret is another one.");
        onDone(rotated);
      }}
      onClose={onClose}
    >
      <p>
        Deliveries to {webhook.url} are signed with a new secret, which is shown once. The old one signs for another
        day.
      </p>
    </ConfirmDialog>
  );
}

/** Sends a webhook again what the log has since a time; one that was stopped begins anew. */
export function RedeliverSince({ webhook, onDone, onClose }: AskProps<unknown>) {
  const { webhooks } = useSession().client;
  const tell = useNews();
  const [since, setSince] = useState(() => localOf(new Date(Date.now() - HOUR_MS).toISOString()));
  const body = { since: instantOf(since) ?? "" };
  return (
    <ConfirmDialog
      title="Send again since"
      submit="Send again"
      change={["send-since", webhook.id, body]}
      act={(idempotencyKey) => webhooks.redeliverSince(webhook.id, body.since, { idempotencyKey })}
      onDone={(answer) => {
        tell("Everything since then is sent again.");
        onDone(answer);
      }}
      onClose={onClose}
    >
      <Field
        label="Since"
        {...LOCAL_TIME_INPUT}
        required
        hint="Your time. Endpoints tell what they had already by its webhook-id."
        value={since}
        onChange={(event) => setSince(event.target.value)}
      />
    </ConfirmDialog>
  );
}

/** Deletes a webhook for good. */
export function DeleteWebhook({ webhook, onDone, onClose }: AskProps<unknown>) {
  const { webhooks } = useSession().client;
  const tell = useNews();
  return (
    <ConfirmDialog
      title="Delete this webhook?"
      submit="Delete"
      isDanger
      change={["delete-webhook", webhook.id]}
      act={() => webhooks.delete(webhook.id)}
      onDone={(answer) => {
        tell("The webhook is deleted.");
        onDone(answer);
      }}
      onClose={onClose}
    >
      <p>
        {webhook.url} is told nothing any more, not even of the {webhook.pending} events that are pending. Its
        deliveries and its secret are forgotten.
      </p>
    </ConfirmDialog>
  );
}
