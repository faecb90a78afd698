import type { Evidence, SkuEvidence } from "../../scripts/rehearse/audit/evidence.ts";
import { Inbox } from "../../scripts/rehearse/events/inbox.ts";
import type { Logged } from "../../scripts/rehearse/events/log.ts";
import { replayMovements } from "../../scripts/rehearse/record/replay.ts";
import { deliver } from "./evidence.ts";
import { iso, type Story } from "./story.ts";

/** A fault of the service: in what it did, or in what is seen of it. */
export type Fault = {
  promise: string;
  what: string;
  done?: (story: Story) => unknown;
  seen?: (evidence: Evidence) => unknown;
};

export const faultsOfSku: Fault[] = [
  {
    promise: "no unit lost, made or stranded",
    what: "a unit more",
    seen: (all) => add(shoe(all).record.sku, "stock", 1),
  },
  {
    promise: "no unit lost, made or stranded",
    what: "a hold for ever",
    seen: (all) => add(shoe(all).record.sku, "held", 1),
  },
  { promise: "no unit sold twice", what: "a unit too many sold", seen: (all) => add(shoe(all).record.sku, "sold", 1) },
  { promise: "nothing before opening", what: "a hold too early", seen: ({ sale }) => add(sale, "opensAt", 1000) },
  {
    promise: "no refusal while units were free",
    what: "a refusal at the opening",
    seen: ({ sale: { opensAt }, ...all }) =>
      shoe(all).books.stockRefusals.push({ customer: "zoe", quantity: 1, from: opensAt - 200, to: opensAt }),
  },
  { promise: "no refund of what fitted", what: "a refund while a unit is free", done: refundInVain },
  {
    promise: "own claims gave way to a sale",
    what: "a hold taken for nothing",
    seen: (all) => Reflect.deleteProperty(find(shoe(all).feed, ({ data }) => "superseded" in data).data, "superseded"),
  },
  {
    promise: "every lapsed hold released",
    what: "an expiry too late",
    seen: (all) => add(first(shoe(all).replay.expiries), "lateMs", 1001),
  },
  {
    promise: "every lapsed hold released",
    what: "an expiry too early",
    seen: (all) => Object.assign(first(shoe(all).replay.expiries), { lateMs: -1 }),
  },
  {
    promise: "what was promised is there",
    what: "a reservation lost",
    seen: (all) => shoe(all).record.reservations.delete(first(shoe(all).record.rows).id),
  },
  {
    promise: "what was promised is there",
    what: "a sale undone",
    seen: (all) => Object.assign(first([...shoe(all).record.reservations.values()]), { status: "released" }),
  },
  {
    promise: "what was promised is there",
    what: "a refund not written",
    seen: (all) =>
      Object.assign(
        find(shoe(all).feed, ({ type }) => type === "reservation.refund_required"),
        { type: "stock.low" },
      ),
  },
  {
    promise: "and nothing else is",
    what: "a hold that nobody asked for",
    done: (story) => story.claim("shoe", "zoe", 1),
  },
  {
    promise: "a retried key has one effect",
    what: "a second hold by one key",
    seen: (all) => first([...shoe(all).replay.heldByKey.values()]).add("another"),
  },
  {
    promise: "a retried key has one effect",
    what: "a second change by one key",
    seen: (all) => first([...shoe(all).books.keys.values()]).versions.push(99),
  },
  { promise: "D1 equals the objects", what: "a row lost", seen: (all) => shoe(all).record.rows.pop() },
  {
    promise: "D1 equals the objects",
    what: "an older row",
    seen: (all) => Object.assign(first(shoe(all).record.rows), { status: "held" }),
  },
  { promise: "the record is complete", what: "a movement lost", seen: (all) => loseMovement(shoe(all)) },
  {
    promise: "every call answered",
    what: "an outage that nobody caused",
    seen: ({ journal }) => journal.outages.push({ at: Date.now(), call: "GET /" }),
  },
  { promise: "every call answered", what: "no answer", seen: ({ journal }) => journal.failures.push("GET /") },
  {
    promise: "every answer was right",
    what: "a wrong answer",
    seen: ({ journal }) => journal.surprises.push("GET /"),
  },
  {
    promise: "watchers converged",
    what: "an old version",
    seen: ({ watchers }) => first(watchers).stock.set("shoe", { version: 1, state: "open", available: 4 }),
  },
  {
    promise: "watchers converged",
    what: "what is somebody else's",
    seen: ({ watchers }) => first(watchers).faults.push("was shown it"),
  },
  { promise: "customers heard of their own", what: "a frame lost", seen: loseFrame },
  { promise: "no customer over the limit", what: "a third unit", done: (story) => story.claim("shoe", "ann", 1) },
  {
    promise: "no customer over the limit",
    what: "an object that counts otherwise",
    seen: (all) => shoe(all).record.unitsByCustomer.set("ann", 1),
  },
  {
    promise: "every event accounted for",
    what: "events of nothing",
    done: (story) => [1, 2].map(() => story.happen("shoe", "stock.low")),
  },
  {
    promise: "every event accounted for",
    what: "a sale that was never answered",
    seen: (all) => shoe(all).books.changes.delete(shoe(all).record.sku.version),
  },
  { promise: "the log has no gap", what: "an event lost", seen: ({ events }) => events.log.splice(5, 1) },
  {
    promise: "a SKU's feed equals the log",
    what: "another time",
    seen: (all) => Object.assign(first(shoe(all).feed), { time: iso(0) }),
  },
  {
    promise: "movements equal the feed",
    what: "a movement of more units",
    seen: (all) => add(first(shoe(all).record.movements), "dStock", 1),
  },
  {
    promise: "every event reached the receiver",
    what: "an event not told",
    seen: ({ events }) => receive(events, (log) => log.slice(0, -1)),
  },
  {
    promise: "no event altered on its way",
    what: "an event told again otherwise",
    seen: ({ events }) => deliver(events.following.receiver.inbox, first(events.log), { note: "altered" }),
  },
  {
    promise: "each stream arrived in order",
    what: "a later event first",
    seen: ({ events }) => receive(events, (log) => [...log.slice(0, 4), ...log.slice(5), ...log.slice(4, 5)]),
  },
  {
    promise: "every call signed",
    what: "a call of anybody's",
    seen: ({ events }) => events.following.receiver.inbox.receive({}, "{}", ""),
  },
  {
    promise: "deliveries told as they went",
    what: "an attempt that never was",
    seen: ({ events }) => add(first(events.deliveries), "attempts", 1),
  },
  {
    promise: "analytics count every event once",
    what: "a sale counted twice",
    seen: (all) => add(shoe(all).analytics.totals, "confirms", 1),
  },
  {
    promise: "analytics count every event once",
    what: "a sale in another minute",
    seen: (all) => add(first(shoe(all).analytics.buckets), "confirms", 1),
  },
  {
    promise: "analytics count refusals",
    what: "a refusal not counted",
    seen: (all) => shoe(all).books.refuse({ code: "not-open" }),
  },
];

export const faultsOfDrop: Fault[] = [
  {
    promise: "no customer over the drop's limit",
    what: "a second pair",
    done: (story) => story.tell(story.claim("b", "ann", 1)),
  },
  {
    promise: "no allowance leaked",
    what: "no pair for who has none",
    seen: ({ probed }) => probed?.wronged.push("zoe"),
  },
  {
    promise: "every cart ended whole",
    what: "half a cart sold",
    seen: (all) => Object.assign(reservationOf(all, "laces", "bob"), { status: "expired" }),
  },
  {
    promise: "every cart ended whole",
    what: "a cart left open",
    seen: ({ carts }) => Object.assign(carts.get("cart-cal") ?? {}, { status: "held" }),
  },
  {
    promise: "carts held until their end",
    what: "a line that lapsed before",
    seen: (all) => moveTime(all, "reservation.expired", -1000),
  },
  {
    promise: "what failed gave its units back",
    what: "units that a failed cart kept",
    seen: (all) => moveTime(all, "reservation.cancelled", 12_000),
  },
  { promise: "first come, first offered", what: "somebody who waited longer", seen: swapPlaces },
  { promise: "first come, first offered", what: "somebody who did not wait", done: jumpTheLine },
  {
    promise: "every entry ended as its offer",
    what: "a purchase told as declined",
    seen: ({ entries }) => Object.assign(entries.get("entry-fay") ?? {}, { status: "declined" }),
  },
  {
    promise: "watchers saw all sizes open",
    what: "an opening seen too late",
    seen: ({ watchers, sale }) => first(watchers).openedAt.set("b", sale.opensAt + 5000),
  },
];

function first<Item>(items: readonly Item[]): Item {
  return find(items, () => true);
}

function find<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): Item {
  const item = items.find(isMeant);
  if (item === undefined) throw new Error("there is no such thing in the story");
  return item;
}

function shoe({ skus }: Pick<Evidence, "skus">): SkuEvidence {
  return first([...skus.values()]);
}

/** Bob pays again when a unit has come back, and is refused. */
function refundInVain(story: Story): void {
  story.tell(story.change(story.of("shoe", "dan"), "reservation.returned", { sold: -1 }, { returnedQuantity: 2 }));
  const refund = { orderId: "again", quantity: 1 };
  story.change(story.of("shoe", "bob"), "reservation.refund_required", {}, {}, { refund, code: "hold-expired" });
}

function loseMovement(one: SkuEvidence): void {
  one.record.movements.splice(2, 1);
  one.replay = replayMovements(one.record.movements, 2, one.record.rows);
}

function loseFrame({ watchers }: Evidence): void {
  const { announced } = find(watchers, ({ customer }) => customer === "eve");
  announced.delete(first([...announced]));
}

/** Has a receiver take what became of the log on its way. */
function receive({ log, following }: Evidence["events"], onItsWay: (log: Logged[]) => Logged[]): void {
  const inbox = new Inbox();
  for (const event of onItsWay(log)) deliver(inbox, event);
  following.receiver = { inbox, moods: new Map() };
}

function add<Name extends string>(to: Record<Name, number>, name: Name, count: number): void {
  to[name] += count;
}

function reservationOf({ skus }: Evidence, name: string, customer: string) {
  const reservations = [...(skus.get(name)?.record.reservations.values() ?? [])];
  return find(reservations, (one) => one.customer === customer);
}

/** What happened to a line of a cart happened at another time. */
function moveTime({ skus }: Evidence, type: Logged["type"], byMs: number): void {
  const movements = [...skus.values()].flatMap(({ record }) => record.movements);
  const moved = find(movements, (one) => one.type === type && Object(one.data.reservation).cart !== null);
  moved.time = iso(Date.parse(moved.time) + byMs);
}

function swapPlaces({ entries, books }: Evidence): void {
  Object.assign(entries.get("entry-guy") ?? {}, { createdAt: iso(0) });
  books.stoodUntil.set("entry-guy", Date.now());
}

/** Somebody claims what comes back while the next in line still waits. */
function jumpTheLine(story: Story): void {
  story.change(story.of("a", "ann"), "reservation.returned", { sold: -1 }, { returnedQuantity: 1 });
  story.tell(story.claim("a", "zoe", 1));
  story.books.stoodUntil.set("entry-guy", story.at + 1000);
}
