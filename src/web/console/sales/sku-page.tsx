import { useCallback, useState } from "react";
import type { TrustedSku } from "../../../client/client.ts";
import { Charts, type LoadAnalytics } from "../charts/charts.tsx";
import { count, share } from "../format.ts";
import { ErrorNotice } from "../parts/error-notice.tsx";
import { Figure, Mark, StockBar } from "../parts/marks.tsx";
import { Page } from "../parts/page.tsx";
import { useSession } from "../session/session.tsx";
import { hrefOf } from "../state/route.ts";
import { useShown, useSkus } from "../state/skus.tsx";
import { Adjust } from "./adjust.tsx";
import { Movements } from "./movements.tsx";
import { PauseSku } from "./pause.tsx";
import { PolicyFacts } from "./policy-facts.tsx";
import { EditSku } from "./sku-form.tsx";

/** One SKU: live stock, sales, policy and stock history. */
export function SkuPage({ sku: name }: { sku: string }) {
  const { client } = useSession();
  const { skus, unread, learn } = useSkus();
  useShown([name]);
  const [asked, setAsked] = useState<"edit" | "pause" | "adjust" | null>(null);
  const charts: LoadAnalytics = useCallback(
    (query, signal) => client.skus.analytics(name, query, { signal }),
    [client, name],
  );
  const sku = skus?.find((each) => each.sku === name);
  const { failure, readAt } = unread.get(name) ?? { failure: null, readAt: null };
  const isMissing = failure?.code === "not-found";
  const dialog = { onDone: learn, onClose: () => setAsked(null) };
  return (
    <Page
      title={name}
      aside={sku && <Mark state={sku.state} />}
      actions={sku && <Actions sku={sku} onAsk={setAsked} />}
    >
      {sku === undefined && failure === null && <p className="empty">Reading the SKU…</p>}
      {!isMissing && <ErrorNotice failure={failure} doing="read" since={readAt} />}
      {isMissing && (
        <p className="empty">
          There is no SKU of this name. <a href={hrefOf("stock")}>Show all SKUs.</a>
        </p>
      )}
      {sku && (
        <>
          <Facts sku={sku} />
          <Charts load={charts} />
          <div className="columns">
            <PolicyFacts policy={sku.policy} drop={sku.drop} />
            <Movements sku={name} version={sku.version} />
          </div>
          {asked === "edit" && <EditSku sku={sku} {...dialog} />}
          {asked === "pause" && <PauseSku sku={sku} {...dialog} />}
          {asked === "adjust" && <Adjust sku={sku} {...dialog} />}
        </>
      )}
    </Page>
  );
}

function Actions({ sku, onAsk }: { sku: TrustedSku; onAsk: (asked: "edit" | "pause" | "adjust") => void }) {
  return (
    <>
      <a className="button" href={hrefOf("reservations", undefined, { sku: sku.sku })}>
        Reservations
      </a>
      <button className="button" type="button" onClick={() => onAsk("edit")}>
        Edit
      </button>
      <button className="button" type="button" onClick={() => onAsk("adjust")}>
        Adjust stock
      </button>
      <button className="button" type="button" onClick={() => onAsk("pause")}>
        {sku.policy.paused ? "Resume" : "Pause"}
      </button>
    </>
  );
}

function Facts({ sku }: { sku: TrustedSku }) {
  return (
    <>
      <p className="lede">
        {sku.name}
        <span>{sku.drop === null ? "in no drop" : <a href={hrefOf("drops", sku.drop)}>drop {sku.drop}</a>}</span>
        <span>version {count(sku.version)}</span>
      </p>
      <dl className="figures">
        <Figure name="Available" value={count(sku.available)} tone="available" {...(sku.low ? { note: "low" } : {})} />
        <Figure name="Held" value={count(sku.held)} tone="held" />
        <Figure name="Sold" value={count(sku.sold)} tone="sold" />
        <Figure name="Stock" value={count(sku.stock)} />
        <Figure name="Sold of stock" value={share(sku.stock === 0 ? null : sku.sold / sku.stock)} />
        <Figure name="Waiting" value={count(sku.waiting)} />
      </dl>
      <StockBar sku={sku} />
    </>
  );
}
