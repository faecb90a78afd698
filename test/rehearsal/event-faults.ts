import type { Evidence, SkuEvidence } from "../../scripts/rehearse/audit/evidence.ts";
import { Inbox } from "../../scripts/rehearse/events/inbox.ts";
import type { Logged } from "../../scripts/rehearse/events/log.ts";
import { deliver } from "./evidence.ts";
import { add, type Fault, first, move, seen, seenIn } from "./faults.ts";

const shoe = (what: (one: SkuEvidence) => unknown) => seenIn("shoe", what);
const log = (what: (events: Logged[]) => unknown) => seen(({ events }) => what(events.log));
const received = (onItsWay: (events: Logged[]) => Logged[]) => seen(({ events }) => receive(events, onItsWay));
const inbox = (what: (all: Inbox, events: Logged[]) => unknown) =>
  seen(({ events }) => what(events.following.receiver.inbox, events.log));

/** What may go wrong with what leaves the service, each with the promise that it breaks. */
export const eventFaults: readonly Fault[] = [
  ["the log has no gap", "shoe:7 follows sku/shoe:5", log((events) => events.splice(5, 1))],
  ["the log has no gap", "stands at 1, after 5", log((events) => Object.assign(events[5] ?? {}, { position: 1 }))],
  [
    "the log has no gap",
    "shoe:6 is event 6 of other",
    log((events) => Object.assign(events[5] ?? {}, { stream: "other" })),
  ],
  ["the log has no gap", "happened before", log((events) => move(events[5] ?? { time: "" }, -5000))],
  ["a SKU's feed equals the log", "(feed, log)", shoe(({ feed }) => move(first(feed), 1))],
  ["a SKU's feed equals the log", "does not begin with its creation", shoe(({ feed }) => shortened(feed, 0))],
  ["a SKU's feed equals the log", "is in the log only", shoe(({ feed }) => shortened(feed, 5))],
  ["a SKU's feed equals the log", "is in the feed only", log((events) => events.pop())],
  ["a SKU's feed equals the log", "1 are twice in the feed", shoe(({ feed }) => (feed as Logged[]).push(first(feed)))],
  ["a SKU's feed equals the log", "not with 99", shoe(({ record }) => Object.assign(record.sku, { version: 99 }))],
  ["movements equal the feed", "(movement, feed)", shoe(({ record }) => add(first(record.movements), "dStock", 1))],
  ["movements equal the feed", "is in the feed only", shoe(({ record }) => record.movements.pop())],
  ["every event reached the receiver", "sku.created, is missing", received((events) => events.slice(1))],
  ["every event reached the receiver", "is not in the log", log((events) => events.pop())],
  [
    "no event altered on its way",
    "was told as",
    inbox((all, events) => deliver(all, first(events), { note: "other" })),
  ],
  [
    "no event altered on its way",
    "(receiver, log)",
    received((events) => events.map((event) => ({ ...event, data: { ...event.data, note: "other" } }))),
  ],
  [
    "no event altered on its way",
    "one service has the sources",
    inbox((all) => Object.assign(first(all.events.values()), { source: "other" })),
  ],
  [
    "each stream arrived in order",
    "was told when",
    received((events) => [...events.slice(0, 4), ...events.slice(5), ...events.slice(4, 5)]),
  ],
  ["each stream arrived in order", "says that it follows", received((events) => events.slice(1))],
  ["every call signed", "a call without webhook-id", inbox((all) => all.receive({}, "{}", ""))],
  [
    "deliveries told as they went",
    "after 2 attempts",
    seen(({ events }) => add(first(events.deliveries), "attempts", 1)),
  ],
  [
    "deliveries told as they went",
    "is pending",
    seen(({ events }) => Object.assign(first(events.deliveries), { status: "pending" })),
  ],
  ["deliveries told as they went", "is no delivery", seen(({ events }) => (events.deliveries as unknown[]).pop())],
  ["analytics count every event once", "confirms are 4", shoe(({ analytics }) => add(analytics.totals, "confirms", 1))],
  [
    "analytics count every event once",
    "claimsSold are 4",
    shoe(({ analytics }) => add(analytics.totals, "claimsSold", 1)),
  ],
  [
    "analytics count every event once",
    "confirms are wrong in the minute",
    shoe(({ analytics }) => add(first(analytics.buckets), "confirms", 1)),
  ],
  [
    "analytics count every event once",
    "sold ends on",
    shoe(({ analytics }) => add(first(analytics.buckets), "sold", 1)),
  ],
  ["analytics count refusals", "was told 1 times", shoe(({ books }) => books.refuse({ code: "not-open" }))],
];

/** Has a receiver take what became of the log on its way. */
function receive({ log: events, following }: Evidence["events"], onItsWay: (events: Logged[]) => Logged[]): void {
  const other = new Inbox();
  for (const event of onItsWay(events)) deliver(other, event);
  following.receiver = { inbox: other, moods: new Map() };
}

function shortened(feed: readonly Logged[], index: number): void {
  (feed as Logged[]).splice(index, 1);
}
