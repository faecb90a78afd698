import { useCallback, useState } from "react";
import type { NewWebhook } from "../api/webhook-calls.ts";
import { moment } from "../format.ts";
import { useCursors } from "../parts/cursors.ts";
import { Mark } from "../parts/marks.tsx";
import { Page } from "../parts/page.tsx";
import { Pager, Table } from "../parts/table.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { hrefOf } from "../state/route.ts";
import { CreateWebhook } from "./create-webhook.tsx";
import { SecretDialog } from "./secret-dialog.tsx";

const RELOAD_MS = 10_000;
const PAGE_ITEMS = 50;

const COLUMNS = [
  { name: "Endpoint" },
  { name: "Status" },
  { name: "Events", isExtra: true },
  { name: "SKUs", isExtra: true },
  { name: "Since", isExtra: true },
];

/** The endpoints that are told of events. */
export function WebhooksPage() {
  const { webhooks } = useSession();
  const cursors = useCursors();
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<NewWebhook | null>(null);
  const { cursor } = cursors;
  const load = useCallback(
    (signal: AbortSignal) => webhooks.list({ cursor, limit: PAGE_ITEMS }, { signal }),
    [webhooks, cursor],
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
      <Trouble failure={failure} doing="read" since={loadedAt} />
      <Table
        label="Webhooks"
        columns={COLUMNS}
        isEmpty={value?.items.length === 0}
        empty="Nobody is told of events yet."
      >
        <tbody>
          {value?.items.map(({ id, url, status, stoppedReason, events, skus, createdAt }) => (
            <tr key={id}>
              <th scope="row">
                <a href={hrefOf("webhooks", id)}>{url}</a>
                <small className="code">{id}</small>
              </th>
              <td>
                <Mark state={status} />
                {stoppedReason !== null && <small>{stoppedReason}</small>}
              </td>
              <td className="extra">{events.includes("*") ? "all" : events.join(", ")}</td>
              <td className="extra">{skus === null ? "all" : skus.join(", ")}</td>
              <td className="extra">{moment(createdAt)}</td>
            </tr>
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
