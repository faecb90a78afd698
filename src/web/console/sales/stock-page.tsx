import { useState } from "react";
import type { Drop, TrustedSku } from "../../../client/client.ts";
import { count, moment, share } from "../format.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Figure, Mark } from "../parts/marks.tsx";
import { Page } from "../parts/page.tsx";
import { Table } from "../parts/table.tsx";
import { byDrop, sumOf } from "../state/merge-sku.ts";
import { useNow } from "../state/now.ts";
import { hrefOf } from "../state/route.ts";
import { useSkus } from "../state/skus.tsx";
import { NewDrop } from "./drop-form.tsx";
import { dropStateOf } from "./drop-state.ts";
import { PauseDrop } from "./pause.tsx";
import { NewSku } from "./sku-form.tsx";
import { SKU_COLUMNS, SkuRows } from "./sku-rows.tsx";
import { useDrops } from "./use-drops.ts";

/** Every SKU, by drop, with its live stock. */
export function StockPage() {
  const { skus, failure, loadedAt, learn, reload } = useSkus();
  const [wanted, setWanted] = useState("");
  const [asked, setAsked] = useState<"sku" | "drop" | { pause: Drop } | null>(null);
  const known = skus ?? [];
  const names = [...new Set(known.flatMap(({ drop }) => drop ?? []))].sort();
  const { drops, failure: dropFailure, learn: learnDrop } = useDrops(names);
  const shown = known.filter((sku) => matches(sku, wanted));
  const close = () => setAsked(null);
  return (
    <Page
      title="Stock"
      actions={
        <>
          <button className="button" type="button" onClick={() => setAsked("drop")}>
            New drop
          </button>
          <button className="button primary" type="button" onClick={() => setAsked("sku")}>
            New SKU
          </button>
        </>
      }
    >
      <ErrorNotice failure={failure} doing="read" since={loadedAt} />
      {failure !== null && loadedAt === null && skus !== null && (
        <p className="hint">Until the list loads, only the busiest SKUs and those opened by name are shown.</p>
      )}
      {failure === null && <ErrorNotice failure={dropFailure} doing="read" />}
      <Sums skus={known} drops={names.length} />
      <label className="filter">
        <span className="unseen">Find SKUs and drops</span>
        <input
          type="search"
          placeholder="Find SKUs and drops"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      </label>
      <Table
        label="SKUs"
        columns={SKU_COLUMNS}
        isEmpty={skus !== null && shown.length === 0}
        empty={wanted === "" ? "There are no SKUs yet. Create one to begin." : "Nothing matches."}
      >
        {byDrop(shown).map((group) => (
          <Group key={group.drop ?? ""} {...group} plan={drops.get(group.drop ?? "") ?? null} onPause={setAsked} />
        ))}
      </Table>
      {skus === null && failure === null && <p className="empty">Reading the stock…</p>}
      {asked === "sku" && <NewSku onDone={learn} onClose={close} />}
      {asked === "drop" && <NewDrop onDone={reload} onClose={close} />}
      {asked !== null && typeof asked === "object" && (
        <PauseDrop drop={asked.pause} onDone={learnDrop} onClose={close} />
      )}
    </Page>
  );
}

function matches({ sku, name, drop }: TrustedSku, wanted: string): boolean {
  return `${sku} ${name} ${drop ?? ""}`.toLowerCase().includes(wanted.trim().toLowerCase());
}

function Sums({ skus, drops }: { skus: readonly TrustedSku[]; drops: number }) {
  const total = sumOf(skus);
  const notSelling = skus.filter(({ state }) => state === "paused").length;
  return (
    <dl className="figures">
      <Figure name="SKUs" value={count(skus.length)} note={drops === 1 ? "1 drop" : `${drops} drops`} />
      <Figure name="Available" value={count(total.available)} tone="available" />
      <Figure name="Held" value={count(total.held)} tone="held" />
      <Figure
        name="Sold"
        value={count(total.sold)}
        tone="sold"
        note={`${share(total.stock === 0 ? null : total.sold / total.stock)} of stock`}
      />
      <Figure name="Waiting" value={count(total.waiting)} />
      <Figure name="Paused" value={count(notSelling)} {...(notSelling > 0 ? { tone: "held" } : {})} />
    </dl>
  );
}

/** A drop's heading over its SKUs. */
function Group({
  drop,
  skus,
  plan,
  onPause,
}: {
  drop: string | null;
  skus: readonly TrustedSku[];
  plan: Drop | null;
  onPause: (asked: { pause: Drop }) => void;
}) {
  const now = useNow();
  const { available, held, sold, stock, waiting } = sumOf(skus);
  return (
    <tbody data-drop={drop ?? ""}>
      <tr className="group">
        <th scope="rowgroup">
          {drop === null ? "No drop" : <a href={hrefOf("drops", drop)}>{drop}</a>}
          <small>{plan?.name}</small>
          {plan && (
            <span className="narrow">
              <Mark state={dropStateOf(plan, now)} />
            </span>
          )}
        </th>
        <td className="from-40">{plan && <Mark state={dropStateOf(plan, now)} />}</td>
        <td className="from-62">{plan && <small>{timesOf(plan, now)}</small>}</td>
        <td className="number">{count(available)}</td>
        <td className="number">{count(held)}</td>
        <td className="number from-24">{count(sold)}</td>
        <td className="number from-40">{count(stock)}</td>
        <td className="number from-48">{count(waiting)}</td>
        <td className="row-actions">
          {plan && (
            <button className="button small" type="button" onClick={() => onPause({ pause: plan })}>
              {plan.paused ? "Resume" : "Pause"}
              <span className="extra-text"> drop</span>
              <span className="unseen"> {drop}</span>
            </button>
          )}
        </td>
      </tr>
      <SkuRows skus={skus} />
    </tbody>
  );
}

function timesOf({ opensAt, closesAt }: Drop, now: number): string {
  if (opensAt !== null && Date.parse(opensAt) > now) return `opens ${moment(opensAt)}`;
  return closesAt === null ? "" : `${Date.parse(closesAt) > now ? "closes" : "closed"} ${moment(closesAt)}`;
}
