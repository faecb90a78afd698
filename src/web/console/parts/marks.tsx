import type { TrustedSku } from "../../../client/client.ts";
import { count, words } from "../format.ts";

const TONES: Record<string, string> = {
  open: "good",
  active: "good",
  ok: "good",
  delivered: "good",
  confirmed: "good",
  paused: "warn",
  degraded: "warn",
  pending: "warn",
  held: "warn",
  held_elsewhere: "warn",
  scheduled: "calm",
  returned: "calm",
  sold_out: "strong",
  failed: "bad",
  failing: "bad",
  stopped: "bad",
  unavailable: "bad",
};

/** A state as a word with a colored dot, never the color alone. */
export function Mark({ state }: { state: string }) {
  return <span className={`mark ${TONES[state] ?? "quiet"}`}>{words(state)}</span>;
}

/** Sold, held and available as parts of the stock. */
export function StockBar({ sku }: { sku: Pick<TrustedSku, "stock" | "sold" | "held" | "available"> }) {
  const { stock, sold, held, available } = sku;
  const width = (units: number) => ({ width: `${stock === 0 ? 0 : (units / stock) * 100}%` });
  const text = `${count(sold)} sold, ${count(held)} held, ${count(available)} available of ${count(stock)}`;
  return (
    <span className="stock-bar" role="img" aria-label={text} title={text}>
      <i className="sold" style={width(sold)} />
      <i className="held" style={width(held)} />
    </span>
  );
}

/** A figure that matters, with its name. */
export function Figure({ name, value, note, tone }: { name: string; value: string; note?: string; tone?: string }) {
  return (
    <div className={`figure ${tone ?? ""}`}>
      <dt>{name}</dt>
      <dd>
        {value}
        {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}
