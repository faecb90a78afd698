import { useCallback, useState } from "react";
import type { NewWebhook } from "../../../client/client.ts";
import { away, count, duration, NONE } from "../format.ts";
import { useCursors } from "../parts/cursors.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Mark } from "../parts/marks.tsx";
import { Page } from "../parts/page.tsx";
import { type Column, Pager, Table } from "../parts/table.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { useNow } from "../state/now.ts";
import { hrefOf } from "../state/route.ts";
import { CreateWebhook } from "./create-webhook.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import { type ListedWebhook, listWebhooks } from "./webhook-list.ts";

const RELOAD_MS = 5_000;
const PAGE_ITEMS = 50;

const COLUMNS: readonly Column[] = [
  { name: "Endpoint" },
  { name: "Status" },
  { name: "Events", from: 48 },
  { name: "SKUs", from: 62 },
  { name: "Pending", isNumber: true },
  { name: "Last success", from: 40 },
];

/** The registered endpoints. */
export function WebhooksPage() {
  const { client } = useSession();
  const cursors = useCursors();
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<NewWebhook | null>(null);
  const { cursor } = cursors;
  const load = useCallback(
    (signal: AbortSignal) => listWebhooks(client, { cursor, limit: PAGE_ITEMS }, signal),
    [client, cursor],
  );
  const { value, failure, loadedAt } = useLoaded(load, RELOAD_MS);
  const next = value?.nextCursor ?? null;
  return (
    <Page
      title="Webhooks"
      actions={
        <button className="button primary" type="button" onClick={() => setCreating(true)}>
          New webhook
        </button>
      }
    >
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      <Table
        label="Webhooks"
        columns={COLUMNS}
        isReading={value === null && failure === null}
        isEmpty={value?.items.length === 0}
        empty="No webhooks yet."
      >
        <tbody>
          {value?.items.map((webhook) => (
            <Row key={webhook.id} webhook={webhook} />
          ))}
        </tbody>
      </Table>
      <Pager
        page={cursors.page}
        isLast={next === null}
        onBack={cursors.back}
        onNext={() => next !== null && cursors.next(next)}
      />
      {isCreating && <CreateWebhook onDone={setCreated} onClose={() => setCreating(false)} />}
      {created && (
        <SecretDialog
          secret={created.secret}
          onClose={() => {
            // Its own page reads its object, which knows it before the list does.
            location.hash = hrefOf("webhooks", created.id);
          }}
        />
      )}
    </Page>
  );
}

function Row({ webhook }: { webhook: ListedWebhook }) {
  const { id, url, status, stoppedReason, events, skus, state } = webhook;
  const now = useNow();
  const failingSince = state?.failingSince ?? null;
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf("webhooks", id)}>{url}</a>
        <small className="code from-40">{id}</small>
      </th>
      <td>
        <Mark state={status === "active" && failingSince !== null ? "failing" : status} />
        {stoppedReason !== null && <small>{stoppedReason}</small>}
        {failingSince !== null && <small>for {duration((now - Date.parse(failingSince)) / 1000)}</small>}
      </td>
      <td className="from-48">{events.includes("*") ? "all" : events.join(", ")}</td>
      <td className="from-62">{skus === null ? "all" : skus.join(", ")}</td>
      <td className="number">{state === null ? NONE : count(state.pending)}</td>
      <td className="from-40">{state?.lastSuccessAt ? away(state.lastSuccessAt, now) : NONE}</td>
    </tr>
  );
}
