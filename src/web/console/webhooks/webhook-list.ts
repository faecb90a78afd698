import type { Holdfast, Page, Webhook, WebhookState } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { attempt } from "../state/attempt.ts";

/** How long the list waits for one webhook's object: one that is out of order must not keep the others from sight. */
const OBJECT_MS_MAX = 3_000;

/** A webhook of the list, and how it does, where its object could be asked. */
export interface ListedWebhook extends Webhook {
  state: WebhookState | null;
}

/** A page of the list. The list knows what each webhook is for; how it does only its object knows. */
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
      // Deleted in the meantime, which the list does not know yet.
      return outcome.failure.code === "not-found" ? [] : [{ ...webhook, state: null }];
    }),
  );
  return { ...listed, value: { items: items.flat(), nextCursor: listed.value.nextCursor } };
}
