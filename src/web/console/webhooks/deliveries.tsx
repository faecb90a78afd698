import { useCallback, useState } from "react";
import type { Delivery } from "../../../client/client.ts";
import { away, count, moment, NONE } from "../format.ts";
import { useCursors } from "../parts/cursors.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Choice } from "../parts/field.tsx";
import { Mark } from "../parts/marks.tsx";
import { useNews } from "../parts/news.tsx";
import { type Column, Pager, Table } from "../parts/table.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { useNow } from "../state/now.ts";
import { usePendingAction } from "../state/pending-action.ts";

const RELOAD_MS = 2_000;
const PAGE_ITEMS = 25;

const COLUMNS: readonly Column[] = [
  { name: "Event" },
  { name: "Status" },
  { name: "Tries", isNumber: true, from: 40 },
  { name: "Last try", from: 48 },
  { name: "Answer", from: 40 },
  { name: "Next try", from: 62 },
  { name: "Actions", isBare: true },
];

const STATUSES = [
  { value: "", label: "Any" },
  { value: "pending", label: "Pending" },
  { value: "delivered", label: "Delivered" },
  { value: "failed", label: "Failed" },
];

/** The deliveries of a webhook, newest first. */
export function Deliveries({ webhook }: { webhook: string }) {
  const { webhooks } = useSession().client;
  const tell = useNews();
  const { cursor, page, first, back, next } = useCursors();
  const [status, setStatus] = useState<Delivery["status"] | "">("");
  const load = useCallback(
    (signal: AbortSignal) => {
      const query = { cursor, limit: PAGE_ITEMS, ...(status === "" ? {} : { status }) };
      return webhooks.deliveries(webhook, query, { signal });
    },
    [webhooks, webhook, status, cursor],
  );
  const { value, failure, loadedAt, reload } = useLoaded(load, RELOAD_MS);
  const { isBusy, failure: refused, run } = usePendingAction();
  const following = value?.nextCursor ?? null;

  async function sendAgain({ id, event }: Delivery): Promise<void> {
    const outcome = await run(["redeliver", id], (idempotencyKey) =>
      webhooks.redeliver(webhook, id, { idempotencyKey }),
    );
    if ("value" in outcome) tell(`${event} is sent again.`);
    reload();
  }

  return (
    <section aria-label="Deliveries">
      <header className="section-head">
        <h2>Deliveries</h2>
        <Choice
          label="Status"
          options={STATUSES}
          value={status}
          onChange={(event) => {
            setStatus(event.target.value as typeof status);
            first();
          }}
        />
      </header>
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      <ErrorNotice failure={refused} doing="change" />
      <Table
        label="Deliveries"
        columns={COLUMNS}
        isReading={value === null && failure === null}
        isEmpty={value?.items.length === 0}
        empty="Nothing yet: events appear here as they happen."
      >
        <tbody>
          {value?.items.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} isBusy={isBusy} onAgain={() => sendAgain(delivery)} />
          ))}
        </tbody>
      </Table>
      <Pager
        page={page}
        isLast={following === null}
        onBack={back}
        onNext={() => following !== null && next(following)}
      />
    </section>
  );
}

function Row({ delivery, isBusy, onAgain }: { delivery: Delivery; isBusy: boolean; onAgain: () => void }) {
  const now = useNow();
  const { type, event, status, attempts, lastAttempt } = delivery;
  return (
    <tr data-delivery={event}>
      <th scope="row">
        {type}
        <small className="code">{event}</small>
      </th>
      <td>
        <Mark state={status} />
        <span className="narrow">
          <small>{answerOf(delivery)}</small>
        </span>
      </td>
      <td className="number from-40">{count(attempts)}</td>
      <td className="from-48">
        {lastAttempt === null ? NONE : moment(lastAttempt.at)}
        {lastAttempt && <small>took {count(lastAttempt.durationMs)} ms</small>}
      </td>
      <td className="from-40">{answerOf(delivery)}</td>
      <td className="from-62">{nextTryOf(delivery, now)}</td>
      <td className="row-actions">
        <button className="button small" type="button" disabled={isBusy} onClick={onAgain}>
          <span className="extra-text">Send </span>again<span className="unseen"> {event}</span>
        </button>
      </td>
    </tr>
  );
}

/** A due delivery waits for the earlier ones of its stream. */
function nextTryOf({ nextAttemptAt }: Delivery, now: number): string {
  if (nextAttemptAt === null) return NONE;
  return Date.parse(nextAttemptAt) > now ? away(nextAttemptAt, now) : "in its turn";
}

/** The endpoint's last answer, or why there was none. */
function answerOf({ lastAttempt }: Delivery): string {
  if (lastAttempt === null) return NONE;
  return lastAttempt.error ?? String(lastAttempt.status ?? NONE);
}
