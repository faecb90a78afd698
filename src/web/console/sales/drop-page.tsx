import { useCallback, useMemo, useState } from "react";
import type { Drop } from "../../../client/client.ts";
import { Charts, type LoadAnalytics } from "../charts/charts.tsx";
import { count, moment, share } from "../format.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Figure, Mark } from "../parts/marks.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";
import { sumOf } from "../state/merge-sku.ts";
import { useNow } from "../state/now.ts";
import { useShown, useSkus } from "../state/skus.tsx";
import { EditDrop } from "./drop-form.tsx";
import { dropStateOf } from "./drop-state.ts";
import { PauseDrop } from "./pause.tsx";
import { SKU_COLUMNS, SkuRows } from "./sku-rows.tsx";

const RELOAD_MS = 5_000;

/** One drop: its settings, its SKUs, and their joint sales. */
export function DropPage({ drop }: { drop: string }) {
  const { client } = useSession();
  const { skus, unread, reload: reloadSkus } = useSkus();
  const [asked, setAsked] = useState<"edit" | "pause" | null>(null);
  const load = useCallback((signal: AbortSignal) => client.drops.read(drop, { signal }), [client, drop]);
  const { value: read, failure, loadedAt, reload } = useLoaded(load, RELOAD_MS);
  const [learned, setLearned] = useState<Drop | null>(null);
  const plan = learned !== null && learned.revision > (read?.revision ?? 0) ? learned : read;
  const charts: LoadAnalytics = useCallback(
    (query, signal) => client.drops.analytics(drop, query, { signal }),
    [client, drop],
  );
  const members = useMemo(
    () => (skus ?? []).filter((sku) => (plan === null ? sku.drop === drop : plan.skus.includes(sku.sku))),
    [skus, plan, drop],
  );
  useShown(plan?.skus ?? []);
  const lacking = plan?.skus.flatMap((sku) => unread.get(sku) ?? []).at(0);
  const now = useNow();
  const dialog = {
    onDone: (changed: Drop) => {
      setLearned(changed);
      reload();
      reloadSkus();
    },
    onClose: () => setAsked(null),
  };
  return (
    <Page
      title={drop}
      aside={plan && <Mark state={dropStateOf(plan, now)} />}
      actions={
        plan && (
          <>
            <button className="button" type="button" onClick={() => setAsked("edit")}>
              Edit
            </button>
            <button className="button" type="button" onClick={() => setAsked("pause")}>
              {plan.paused ? "Resume drop" : "Pause drop"}
            </button>
          </>
        )
      }
    >
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      {plan && <Facts plan={plan} total={sumOf(members)} />}
      {lacking && <ErrorNotice failure={lacking.failure} doing="read" since={lacking.readAt} />}
      <Table label={`SKUs of ${drop}`} columns={SKU_COLUMNS}>
        <tbody>
          <SkuRows skus={members} />
        </tbody>
      </Table>
      {plan && <Charts load={charts} />}
      {plan && asked === "edit" && <EditDrop drop={plan} {...dialog} />}
      {plan && asked === "pause" && <PauseDrop drop={plan} {...dialog} />}
    </Page>
  );
}

function Facts({ plan, total }: { plan: Drop; total: ReturnType<typeof sumOf> }) {
  const { name, opensAt, closesAt, perCustomerLimit, updatedAt } = plan;
  return (
    <>
      <p className="lede">
        {name}
        <span>{opensAt === null ? "open from the start" : `opens ${moment(opensAt)}`}</span>
        <span>{closesAt === null ? "does not close" : `closes ${moment(closesAt)}`}</span>
        <span>{perCustomerLimit === null ? "no limit of its own" : `${perCustomerLimit} per customer`}</span>
        <span>changed {moment(updatedAt)}</span>
      </p>
      <dl className="figures">
        <Figure name="Available" value={count(total.available)} tone="available" />
        <Figure name="Held" value={count(total.held)} tone="held" />
        <Figure name="Sold" value={count(total.sold)} tone="sold" />
        <Figure name="Stock" value={count(total.stock)} />
        <Figure name="Sold of stock" value={share(total.stock === 0 ? null : total.sold / total.stock)} />
        <Figure name="Waiting" value={count(total.waiting)} />
      </dl>
    </>
  );
}
