import { Webhook } from "standardwebhooks";
import type { Evidence, SkuEvidence } from "../../scripts/rehearse/audit/evidence.ts";
import type { Reservation } from "../../scripts/rehearse/crowd/sku-books.ts";
import type { Seen } from "../../scripts/rehearse/crowd/watcher.ts";
import type { Analytics } from "../../scripts/rehearse/events/analytics.ts";
import { Inbox } from "../../scripts/rehearse/events/inbox.ts";
import type { Logged } from "../../scripts/rehearse/events/log.ts";
import { replayMovements } from "../../scripts/rehearse/record/replay.ts";
import type { SkuRecord } from "../../scripts/rehearse/record/sku-record.ts";
import { iso, type Story } from "./story.ts";

const secret = `whsec_${Buffer.from("a secret of at least twenty-four bytes").toString("base64")}`;

/** Everything an audit looks at; `watchers`: customers who had the page open all the time. */
export function evidenceOf(story: Story, ...watchers: string[]): Evidence {
  story.journal.answered("reserve", "held", false, 5);
  const log = structuredClone(story.log);
  const skus = new Map(Array.from(story.sale.stock.keys(), (sku) => [sku, skuEvidence(story, sku)]));
  const inbox = new Inbox();
  for (const event of log) deliver(inbox, event);
  const arrived = [...inbox.events.values()];
  const following = { receiver: { inbox, moods: new Map() }, webhook: "webhook", whyNot: "", after: 0 };
  const deliveries = log.map(({ id, type, stream, sequence }) => {
    const made = { status: "delivered", attempts: 1, nextAttemptAt: null, lastAttempt: null } as const;
    return { id: `delivery-${id}`, event: id, type, stream, sequence, ...made };
  });
  return {
    sale: story.sale,
    journal: story.journal,
    books: story.books,
    skus,
    carts: structuredClone(story.carts),
    untoldCarts: new Map(),
    entries: structuredClone(story.entries),
    watchers: [null, ...watchers].map((customer) => watcher(story, customer, skus)),
    probed: { free: 1, owners: 1, wronged: [] },
    events: { log, arrived, following, deliveries },
  };
}

function skuEvidence(story: Story, sku: string): SkuEvidence {
  const feed = structuredClone(story.log.filter((event) => event.sku === sku));
  const rows = [...story.reservations.values()].filter((one) => one.sku === sku);
  const sum = (name: string) => feed.reduce((all, { data }) => all + Number(data[name]), 0);
  const [stock, held, sold] = [sum("dStock"), sum("dHeld"), sum("dSold")];
  const view: SkuRecord["sku"] = {
    sku,
    name: sku,
    drop: null,
    state: "open",
    available: stock - held - sold,
    waiting: 0,
    low: false,
    policy: story.sale.policy,
    version: feed.length,
    revision: 1,
    updatedAt: iso(story.at),
    stock,
    held,
    sold,
  };
  const movements = feed.flatMap(({ data: { dStock, dHeld, dSold, ...data }, ...event }) => {
    const moved = { dStock: Number(dStock), dHeld: Number(dHeld), dSold: Number(dSold) };
    const isMovement = moved.dStock !== 0 || moved.dHeld !== 0 || moved.dSold !== 0;
    return isMovement ? [structuredClone({ ...event, sku, ...moved, data })] : [];
  });
  const record: SkuRecord = {
    sku: view,
    skuRow: structuredClone(view),
    reservations: new Map(structuredClone(rows).map((row) => [row.id, row])),
    rows: structuredClone(rows),
    movements,
    unitsByCustomer: new Map(),
    caughtUp: true,
  };
  const limit = story.sale.limit.scope === "sku" ? story.sale.limit.units : Number.POSITIVE_INFINITY;
  const replay = replayMovements(movements, limit, rows);
  const books = story.books.of(sku);
  const units = story.sale.stock.get(sku) ?? 0;
  return { units, books, record, replay, feed, analytics: analyticsOf(story, sku, feed, { stock, held, sold }) };
}

function analyticsOf(
  story: Story,
  sku: string,
  feed: readonly Logged[],
  levels: { stock: number; held: number; sold: number },
): Analytics {
  const count = (type: Logged["type"]) => feed.filter((event) => event.type === type).length;
  const own = [...story.reservations.values()].filter((one) => one.sku === sku);
  const isAbandoned = ({ id, status }: Reservation) =>
    status === "expired" || (status === "released" && !story.books.of(sku).superseded.has(id));
  const activity = {
    attempts: 0,
    holds: count("reservation.held") - count("waitlist.offered"),
    refusals: Object.fromEntries(Array.from(story.books.of(sku).refused, ([reason, { most }]) => [reason, most])),
    confirms: count("reservation.confirmed"),
    expiries: count("reservation.expired"),
    releases: count("reservation.released"),
    returns: count("reservation.returned"),
    refundsRequired: count("reservation.refund_required"),
    waitlistJoins: count("waitlist.joined"),
    offers: count("waitlist.offered"),
    claims: own.length,
    claimsSold: own.filter(({ orderId }) => orderId !== null).length,
    claimsAbandoned: own.filter(isAbandoned).length,
  };
  const bucket = { ...activity, ...levels, at: iso(story.sale.opensAt - 10_000), conversion: null, abandonment: null };
  return { totals: { ...activity }, bucketSeconds: 3600, buckets: [bucket] } as unknown as Analytics;
}

function watcher(story: Story, customer: string | null, skus: ReadonlyMap<string, SkuEvidence>): Seen {
  const stock = new Map(
    Array.from(
      skus,
      ([
        name,
        {
          record: { sku },
        },
      ]) => [name, { ...sku }],
    ),
  );
  const own = story.log.filter(({ data }) => Object(data.reservation).customer === customer);
  const offered = [...story.entries.values()].filter((entry) => entry.customer === customer);
  return {
    name: customer ?? "an anonymous watcher",
    customer,
    skus: [...skus.keys()],
    hasLeft: false,
    faults: [],
    openedAt: new Map(story.sale.limited.map((sku) => [sku, story.sale.opensAt + 50])),
    stock,
    announced: new Set(own.map(({ sku, sequence }) => `${sku} ${sequence}`)),
    offers: new Map(offered.map(({ id, reservation }) => [id, reservation])),
    connected: [{ from: story.sale.opensAt - 3000, to: Number.POSITIVE_INFINITY }],
    frames: own.length,
  };
}

/** Calls the receiver, which takes the event. */
export function deliver(
  inbox: Inbox,
  { stream, sku, sequence, position, id, type, time, data }: Logged,
  more = {},
): void {
  const previous = sequence === 1 ? null : sequence - 1;
  const event = {
    specversion: "1.0",
    id,
    source: "/",
    type,
    subject: stream,
    time,
    datacontenttype: "application/json",
    sequence: String(sequence).padStart(10, "0"),
    data: { ...data, stream, sku, sequence, position, previous, ...more },
  };
  const body = JSON.stringify(event);
  const at = new Date();
  const headers = {
    "content-type": "application/cloudevents+json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
  const taken = inbox.receive(headers, body, secret);
  if (taken !== null) inbox.take(taken);
}
