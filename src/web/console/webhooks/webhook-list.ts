import type { Holdfast, Page, Webhook, WebhookState } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";

/** A webhook of the list, and how it does, where its object could be asked. */
export interface ListedWebhook extends Webhook {
  state: WebhookState | null;
}

/** A page of the list. The list knows what each webhook is for; how it does only its object knows. */
export async function listWebhooks(
  { webhooks }: Holdfast,
  query: { cursor: string | undefined; limit: number },
  signal: AbortSignal,
): Promise<Result<Page<ListedWebhook>, RefusalCode>> {
  const listed = await webhooks.list(query, { signal });
  if (!listed.ok) return listed;
  const states = await Promise.all(listed.value.items.map(({ id }) => webhooks.read(id, { signal })));
  const items = listed.value.items.flatMap((webhook, index) => {
    const answer = states[index];
    // Deleted in the meantime, which the list does not know yet.
    if (answer?.ok === false) return [];
    return [{ ...webhook, ...answer?.value, state: answer?.value ?? null }];
  });
  return { ...listed, value: { items, nextCursor: listed.value.nextCursor } };
}
