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

/** Default of how far back to send again. */
const HOUR_MS = 60 * 60 * 1000;

/** Rotates the secret of a webhook. */
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
        tell("The secret was rotated.");
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

/** Sends a webhook everything in the log since a time again; a stopped one restarts. */
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
        hint="Local time. Endpoints recognize events that they already had by webhook-id."
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
        Nothing more is sent to {webhook.url}, including the {webhook.pending} pending events. Its deliveries and its
        secret are deleted.
      </p>
    </ConfirmDialog>
  );
}
