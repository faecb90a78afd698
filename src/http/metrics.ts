import type { Health } from "../objects/rpc.ts";

interface Family {
  name: string;
  type: "gauge" | "counter";
  help: string;
  samples: { labels: Record<string, string>; value: number }[];
}

/** The metrics of the service in Prometheus' text format. */
export function expose(d1Ok: boolean, healths: readonly Health[]): string {
  const families: Family[] = [
    {
      name: "holdfast_d1_up",
      type: "gauge",
      help: "Whether D1 answers.",
      samples: [{ labels: {}, value: d1Ok ? 1 : 0 }],
    },
    gauge("stock_units", "Units put up for sale.", healths, ({ view }) => view.stock),
    gauge("held_units", "Units in open reservations.", healths, ({ view }) => view.held),
    gauge("sold_units", "Units in confirmed reservations.", healths, ({ view }) => view.sold),
    gauge("available_units", "Units that can be reserved.", healths, ({ view }) => view.available),
    gauge("waiting_entries", "Customers on the waitlist without an offer.", healths, ({ view }) => view.waiting),
    gauge("unrecorded_events", "Events that D1 does not have yet.", healths, (health) => health.unrecordedEvents),
    gauge(
      "record_lag_seconds",
      "Age of the oldest event that D1 does not have.",
      healths,
      (health) => health.recordLagMs / 1000,
    ),
    gauge(
      "unannounced_events",
      "Events in D1 of which the queue has not been told.",
      healths,
      (health) => health.unannouncedEvents,
    ),
    gauge(
      "clock_ahead_seconds",
      "By how much the clock was ahead of what it says now when the object committed last.",
      healths,
      (health) => health.clockAheadMs / 1000,
    ),
    gauge("watchers", "Open live sockets.", healths, (health) => health.watchers),
    {
      name: "holdfast_commands_total",
      type: "counter",
      help: "Commands by outcome since the object woke.",
      samples: healths.flatMap(({ view, counts }) =>
        counts.map(({ command, outcome, count }) => ({ labels: { sku: view.sku, command, outcome }, value: count })),
      ),
    },
  ];
  return families.map(familyText).join("");
}

function gauge(name: string, help: string, healths: readonly Health[], read: (health: Health) => number): Family {
  const samples = healths.map((health) => ({ labels: { sku: health.view.sku }, value: read(health) }));
  return { name: `holdfast_${name}`, type: "gauge", help, samples };
}

function familyText({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

/** Values need no escaping: SKU names, commands and codes have no special characters. */
function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}
