import { memo, useCallback, useState } from "react";
import type { TrustedSku } from "../../../client/client.ts";
import { count } from "../format.ts";
import { Mark, StockBar } from "../parts/marks.tsx";
import type { Column } from "../parts/table.tsx";
import { hrefOf } from "../state/route.ts";
import { useSkus } from "../state/skus.tsx";
import { Adjust } from "./adjust.tsx";
import { PauseSku } from "./pause.tsx";

/** The columns of `SkuRows`. */
export const SKU_COLUMNS: readonly Column[] = [
  { name: "SKU" },
  { name: "State", from: 40 },
  { name: "Sold and held of the stock", from: 62 },
  { name: "Available", isNumber: true },
  { name: "Held", isNumber: true },
  { name: "Sold", isNumber: true, from: 24 },
  { name: "Stock", isNumber: true, from: 40 },
  { name: "Waiting", isNumber: true, from: 48 },
  { name: "Actions", isBare: true },
];

type Action = "pause" | "adjust";

/** SKUs with their live stock and most common actions. */
export function SkuRows({ skus }: { skus: readonly TrustedSku[] }) {
  const { learn } = useSkus();
  const [asked, setAsked] = useState<{ sku: string; action: Action } | null>(null);
  const ask = useCallback((name: string, action: Action) => setAsked({ sku: name, action }), []);
  const sku = skus.find((each) => each.sku === asked?.sku);
  const dialog = { onDone: learn, onClose: () => setAsked(null) };
  return (
    <>
      {skus.map((each) => (
        <SkuRow key={each.sku} sku={each} onAsk={ask} />
      ))}
      {sku && asked?.action === "pause" && <PauseSku sku={sku} {...dialog} />}
      {sku && asked?.action === "adjust" && <Adjust sku={sku} {...dialog} />}
    </>
  );
}

interface RowProps {
  sku: TrustedSku;
  onAsk: (sku: string, action: Action) => void;
}

/** Rendered again only if its own SKU has changed: in a busy drop that is a few of hundreds at a time. */
const SkuRow = memo(function SkuRow({ sku, onAsk }: RowProps) {
  const verb = sku.policy.paused ? "Resume" : "Pause";
  return (
    <tr data-sku={sku.sku}>
      <th scope="row">
        <a href={hrefOf("skus", sku.sku)}>{sku.sku}</a>
        <small>{sku.name}</small>
        <span className="narrow">
          <Mark state={sku.state} />
        </span>
      </th>
      <td className="from-40">
        <Mark state={sku.state} />
      </td>
      <td className="from-62">
        <StockBar sku={sku} />
      </td>
      <td className={`number lead ${sku.low ? "low" : ""}`} title={sku.low ? "Low" : undefined}>
        {count(sku.available)}
      </td>
      <td className="number">{count(sku.held)}</td>
      <td className="number from-24">{count(sku.sold)}</td>
      <td className="number from-40">{count(sku.stock)}</td>
      <td className="number from-48">{count(sku.waiting)}</td>
      <td className="row-actions">
        <button className="button small" type="button" onClick={() => onAsk(sku.sku, "pause")}>
          {verb}
          <span className="unseen"> {sku.sku}</span>
        </button>
        <button className="button small" type="button" onClick={() => onAsk(sku.sku, "adjust")}>
          Adjust<span className="unseen"> {sku.sku}</span>
        </button>
      </td>
    </tr>
  );
});
