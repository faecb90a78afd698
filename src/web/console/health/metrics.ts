/** One sample of a metric. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Parses the Prometheus text that the service writes. */
export function readMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, label = "", is = ""]) => [label, is]);
    return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}

/** The health of one SKU's object. */
export interface SkuHealth {
  sku: string;
  unrecorded: number;
  lagSeconds: number;
  unannounced: number;
  watchers: number;
  done: number;
  refused: number;
}

/** The samples by SKU, the largest lag first. */
export function healthBySku(samples: readonly Sample[]): SkuHealth[] {
  const skus = new Map<string, SkuHealth>();
  for (const { name, labels, value } of samples) {
    const { sku, outcome } = labels;
    if (sku === undefined) continue;
    const health = skus.get(sku) ?? {
      sku,
      unrecorded: 0,
      lagSeconds: 0,
      unannounced: 0,
      watchers: 0,
      done: 0,
      refused: 0,
    };
    skus.set(sku, health);
    if (name === "holdfast_unrecorded_events") health.unrecorded = value;
    if (name === "holdfast_record_lag_seconds") health.lagSeconds = value;
    if (name === "holdfast_unannounced_events") health.unannounced = value;
    if (name === "holdfast_watchers") health.watchers = value;
    if (name === "holdfast_commands_total") health[outcome === "ok" ? "done" : "refused"] += value;
  }
  return [...skus.values()].sort((one, other) => other.lagSeconds - one.lagSeconds || (one.sku < other.sku ? -1 : 1));
}
