import type { Holdfast, Page, Webhook, WebhookState } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { attempt } from "../state/attempt.ts";

/** How long the list waits for one webhook's object: a failing one must not hide the others. */
const OBJECT_MS_MAX = 3_000;

/** A webhook in the list, with its progress if its object answered. */
export interface ListedWebhook extends Webhook {
  state: WebhookState | null;
}

/** A page of the list. The list has the registrations; the progress of each webhook comes from its object. */
export async function listWebhooks(
  { webhooks }: Pick<Holdfast, "webhooks">,
  query: { cursor: string | undefined; limit: number },
  signal: AbortSignal,
): Promise<Result<Page<ListedWebhook>, RefusalCode>> {
  const listed = await webhooks.list(query, { signal });
  if (!listed.ok) return listed;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(OBJECT_MS_MAX)]);
  const items = await Promise.all(
    listed.value.items.map(async (webhook): Promise<ListedWebhook[]> => {
      const outcome = await attempt(() => webhooks.read(webhook.id, { signal: patience }), patience);
      if ("value" in outcome) return [{ ...webhook, ...outcome.value, state: outcome.value }];
      // Deleted meanwhile; the list does not know yet.
      return outcome.failure.code === "not-found" ? [] : [{ ...webhook, state: null }];
    }),
  );
  return { ...listed, value: { items: items.flat(), nextCursor: listed.value.nextCursor } };
}
