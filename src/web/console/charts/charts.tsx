import { useCallback, useMemo, useState } from "react";
import type { Analytics, AnalyticsQuery } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { count, counted, duration, NONE, rate, share } from "../format.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Figure } from "../parts/marks.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import {
  conversionChart,
  flowChart,
  holdToConfirmChart,
  refusalsChart,
  sinceBirth,
  stockChart,
} from "./analytics-charts.ts";
import type { Line } from "./chart.ts";
import { Plot } from "./plot.tsx";
import { queryOf, SPANS } from "./spans.ts";

const RELOAD_MS = 4_000;

export type LoadAnalytics = (query: AnalyticsQuery, signal: AbortSignal) => Promise<Result<Analytics, RefusalCode>>;

/** The sales of a SKU or drop over time. `load` has to be the same function from render to render. */
export function Charts({ load }: { load: LoadAnalytics }) {
  const [span, setSpan] = useState<(typeof SPANS)[number]>(SPANS[1]);
  const { clock } = useSession().client;
  const loadSpan = useCallback(
    async (signal: AbortSignal) => {
      const result = await load(queryOf(span, clock.now()), signal);
      return result.ok ? { ...result, value: { analytics: result.value, countedAt: clock.now() } } : result;
    },
    [load, span, clock],
  );
  const { value, failure, loadedAt } = useLoaded(loadSpan, RELOAD_MS, load);
  return (
    <section className="analytics" aria-label="Analytics">
      <header className="section-head">
        <h2>Sales</h2>
        <fieldset className="spans">
          <legend className="unseen">Time range</legend>
          {SPANS.map((each) => (
            <label key={each.name}>
              <input type="radio" name="span" checked={each === span} onChange={() => setSpan(each)} />
              {each.name}
            </label>
          ))}
        </fieldset>
      </header>
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      {value === null ? failure === null && <p className="empty">Counting…</p> : <Panels {...value} />}
    </section>
  );
}

const last = ({ values }: Line) => values.at(-1) ?? 0;
/** The value of the last completed bucket. */
const lastWhole = ({ values }: Line) => values.at(-2) ?? 0;
const total = ({ values }: Line) => values.reduce((sum, value) => sum + value, 0);

function Panels({ analytics, countedAt }: { analytics: Analytics; countedAt: number }) {
  const charts = useMemo(() => {
    const shown = sinceBirth(analytics);
    return {
      stock: stockChart(shown),
      flow: flowChart(shown, countedAt),
      refusals: refusalsChart(shown),
      conversion: conversionChart(shown),
      holdToConfirm: holdToConfirmChart(shown),
    };
  }, [analytics, countedAt]);
  const { totals, conversion, abandonment } = analytics;
  const refused = Object.values(totals.refusals).reduce((sum, one) => sum + one, 0);
  const shares: Record<string, number | null> = { Bought: conversion, Abandoned: abandonment };
  return (
    <div className="plots">
      <Totals analytics={analytics} />
      <Plot title="Stock over time" chart={charts.stock} resting={(line) => count(last(line))} restingNote="now" />
      <Plot
        title="Attempts and holds per second"
        chart={charts.flow}
        resting={(line) => rate(lastWhole(line))}
        restingNote={`in the last full ${analytics.bucketSeconds === 60 ? "minute" : duration(analytics.bucketSeconds)}`}
      />
      <Plot
        title="Refusals by reason"
        chart={charts.refusals}
        resting={(line) => count(total(line))}
        restingNote={counted(refused, "refusal")}
        empty="No refusals in this time."
      />
      <Plot
        title="Conversion so far"
        chart={charts.conversion}
        resting={({ label }) => share(shares[label] ?? null)}
        restingNote="of holds and offers"
      />
      <Plot
        title="From hold to confirmation"
        chart={charts.holdToConfirm}
        resting={(line) => count(total(line))}
        restingNote="by time up to"
      />
    </div>
  );
}

function Totals({ analytics }: { analytics: Analytics }) {
  const { totals, conversion, abandonment, sellThrough, secondsToSellOut } = analytics;
  const rows = [
    ["Attempts", totals.attempts],
    ["Holds", totals.holds],
    ["Confirmed", totals.confirms],
    ["Expired", totals.expiries],
    ["Released", totals.releases],
    ["Returned", totals.returns],
    ["Joined the waitlist", totals.waitlistJoins],
    ["Offered", totals.offers],
  ] as const;
  return (
    <section className="panel totals" aria-label="Totals">
      <dl className="figures small">
        <Figure name="Conversion" value={share(conversion)} />
        <Figure name="Abandoned" value={share(abandonment)} />
        <Figure name="Sold of stock" value={share(sellThrough)} />
        <Figure name="Sold out in" value={secondsToSellOut === null ? NONE : duration(secondsToSellOut)} />
      </dl>
      <dl className="rows">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-total={name}>{count(value)}</dd>
          </div>
        ))}
        <div className={totals.refundsRequired > 0 ? "alarm" : ""}>
          <dt>Refunds required</dt>
          <dd>{count(totals.refundsRequired)}</dd>
        </div>
      </dl>
    </section>
  );
}
