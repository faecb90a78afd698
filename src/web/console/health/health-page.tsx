import { useCallback } from "react";
import type { Readiness } from "../../../client/client.ts";
import { count, counted, duration } from "../format.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Figure, Mark } from "../parts/marks.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { hrefOf } from "../state/route.ts";
import { healthBySku, readMetrics } from "./metrics.ts";

const RELOAD_MS = 3_000;
/** A larger lag of D1 deserves attention: D1 is usually written right after a commit. */
const LAG_SECONDS_USUAL = 5;

const COLUMNS = [
  { name: "SKU" },
  { name: "Not in D1 yet", isNumber: true },
  { name: "Lag", isNumber: true },
  { name: "Not announced", isNumber: true },
  { name: "Watchers", isNumber: true },
  { name: "Done", isNumber: true },
  { name: "Refused", isNumber: true },
];

/** Whether the service sells, and how far D1 lags. */
export function HealthPage() {
  const { client } = useSession();
  const loadReadiness = useCallback((signal: AbortSignal) => client.operations.readiness({ signal }), [client]);
  const loadMetrics = useCallback((signal: AbortSignal) => client.operations.metrics({ signal }), [client]);
  const readiness = useLoaded(loadReadiness, RELOAD_MS);
  const metrics = useLoaded(loadMetrics, RELOAD_MS);
  // An old answer says nothing about the present, least of all when the service no longer answers.
  const isKnown = readiness.failure === null;
  const state = isKnown ? readiness.value?.status : "unknown";
  const skus = metrics.value === null ? null : healthBySku(readMetrics(metrics.value));
  return (
    <Page title="Health" aside={state && <Mark state={state} />}>
      <ErrorNotice failure={readiness.failure} doing="read" />
      {isKnown && readiness.value && <HowItIs {...readiness.value} />}
      <section aria-label="By SKU">
        <header className="section-head">
          <h2>Objects and their outbox</h2>
          <p className="hint">The busiest SKUs. Counts are since each object woke.</p>
        </header>
        <ErrorNotice failure={metrics.failure} doing="read" since={metrics.loadedAt} />
        <Table
          label="Health by SKU"
          columns={COLUMNS}
          isEmpty={skus?.length === 0}
          empty="No SKU has any activity yet."
        >
          <tbody>
            {skus?.map((each) => (
              <tr key={each.sku} data-health={each.sku}>
                <th scope="row">
                  <a href={hrefOf("skus", each.sku)}>{each.sku}</a>
                </th>
                <td className="number">{count(each.unrecorded)}</td>
                <td className={`number ${each.lagSeconds > LAG_SECONDS_USUAL ? "low" : ""}`}>
                  {duration(each.lagSeconds)}
                </td>
                <td className="number">{count(each.unannounced)}</td>
                <td className="number">{count(each.watchers)}</td>
                <td className="number">{count(each.done)}</td>
                <td className="number">{count(each.refused)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </section>
    </Page>
  );
}

const MEANINGS: Record<Readiness["status"], string> = {
  ok: "Sales work, and D1 is up to date.",
  degraded:
    "Sales work. D1 does not answer, so lists and charts are not updated; every change is kept and written later.",
  unavailable: "Some SKUs do not answer and cannot be bought meanwhile. The others sell.",
};

function HowItIs({ status, d1, objects, outbox }: Readiness) {
  const isLate = outbox.lagSeconds > LAG_SECONDS_USUAL;
  return (
    <>
      <p className="lede">{MEANINGS[status]}</p>
      <dl className="figures">
        <Figure name="D1" value={d1} {...(d1 === "ok" ? {} : { tone: "bad" })} />
        <Figure
          name="SKU objects"
          value={objects}
          note={`${counted(outbox.skusAsked, "SKU")} asked`}
          {...(objects === "ok" ? {} : { tone: "bad" })}
        />
        <Figure name="Events not in D1" value={count(outbox.unrecordedEvents)} />
        <Figure name="Outbox lag" value={duration(outbox.lagSeconds)} {...(isLate ? { tone: "bad" } : {})} />
      </dl>
    </>
  );
}
