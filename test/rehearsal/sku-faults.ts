import type { SkuEvidence } from "../../scripts/rehearse/audit/evidence.ts";
import { replayMovements } from "../../scripts/rehearse/record/replay.ts";
import { add, done, type Fault, find, first, ofType, seen, seenIn } from "./faults.ts";
import type { Story } from "./story.ts";

const shoe = (what: (one: SkuEvidence) => unknown) => seenIn("shoe", what);
const sku = (what: (view: SkuEvidence["record"]["sku"]) => unknown) => shoe(({ record }) => what(record.sku));
const one = (record: SkuEvidence["record"], customer: string) =>
  find([...record.reservations.values()], (reservation) => reservation.customer === customer);

/** What may go wrong with one SKU, each with the promise that it breaks. */
export const skuFaults: readonly Fault[] = [
  ["no unit lost, made or stranded", "is not 5", sku((view) => add(view, "stock", 1))],
  ["no unit lost, made or stranded", "1 units are still held", sku((view) => add(view, "held", 1))],
  [
    "no unit lost, made or stranded",
    "the stock should be 3, not 4",
    shoe(({ books }) => add(books, "unitsTakenOut", 1)),
  ],
  ["no unit lost, made or stranded", "2 wait", sku((view) => add(view, "waiting", 2))],
  ["no unit sold twice", "5 - 1 is not 5", sku((view) => add(view, "sold", 1))],
  ["nothing before opening", "shoe:4 at", seen(({ sale }) => add(sale, "opensAt", 1000))],
  [
    "no refusal while units were free",
    "zoe was refused 1",
    seen(({ sale: { opensAt }, skus }) => {
      const refusal = { customer: "zoe", quantity: 1, from: opensAt - 200, to: opensAt };
      first(skus.values()).books.stockRefusals.push(refusal);
    }),
  ],
  ["no refund of what fitted", "refunds bob for 1", done(refundInVain)],
  ["own claims gave way to a sale", "gave way to no sale", shoe(({ feed }) => lender(feed).pop())],
  [
    "own claims gave way to a sale",
    "gave way, and is no release",
    shoe(({ feed }) => lender(feed).push({ id: "other", cart: null })),
  ],
  [
    "own claims gave way to a sale",
    "reservation.expired, is superseded",
    shoe(({ feed }) => Object.assign(ofType(feed, "reservation.expired").data, { reason: "superseded" })),
  ],
  ["every lapsed hold released", "ms after its end", shoe(({ replay }) => add(first(replay.expiries), "lateMs", 1001))],
  [
    "every lapsed hold released",
    "-1 ms after its end",
    shoe(({ replay }) => Object.assign(first(replay.expiries), { lateMs: -1 })),
  ],
  [
    "every lapsed hold released",
    "is still held",
    shoe(({ record }) => Object.assign(one(record, "ann"), { status: "held" })),
  ],
  ["every lapsed hold released", "lapsed without an event", shoe(({ replay }) => replay.expiries.pop())],
  [
    "every lapsed hold released",
    "lapsed, but was released",
    shoe(({ record }) => Object.assign(one(record, "bob"), { status: "released" })),
  ],
  ["what was promised is there", "is gone", shoe(({ record }) => record.reservations.delete(first(record.rows).id))],
  [
    "what was promised is there",
    'status "confirmed" / "released"',
    shoe(({ record }) => Object.assign(one(record, "ann"), { status: "released" })),
  ],
  [
    "what was promised is there",
    "was not written",
    shoe(({ feed }) => Object.assign(ofType(feed, "reservation.refund_required"), { type: "stock.low" })),
  ],
  [
    "what was promised is there",
    "was written twice",
    shoe(({ feed }) => (feed as unknown[]).push(ofType(feed, "reservation.refund_required"))),
  ],
  [
    "what was promised is there",
    "was refused for good, and then",
    shoe(({ record }) => Object.assign(one(record, "bob"), { orderId: "order-bob" })),
  ],
  [
    "what was promised is there",
    "was told otherwise",
    shoe(({ record }) => Object.assign(Object(first(record.movements.slice(1)).data.reservation), { quantity: 9 })),
  ],
  [
    "what was promised is there",
    "was told as",
    shoe(({ books }) => books.tell({ ...first(books.reservations.values()), quantity: 9 })),
  ],
  ["and nothing else is", "of zoe, held, was never asked for", done((story) => story.claim("shoe", "zoe", 1))],
  [
    "a retried key has one effect",
    "made 2 reservations",
    shoe(({ replay }) => first(replay.heldByKey.values()).add("other")),
  ],
  [
    "a retried key has one effect",
    "was refused and reserved nevertheless",
    shoe(({ replay }) => replay.heldByKey.set("key", new Set(["id"]))),
  ],
  [
    "a retried key has one effect",
    "was answered with versions",
    shoe(({ books }) => Object.assign(first(books.keys.values()), { versions: [4, 99], replays: 1 })),
  ],
  [
    "a retried key has one effect",
    "took effect 2 times",
    shoe(({ books }) => Object.assign(first(books.keys.values()), { versions: [4, 4], replays: 0 })),
  ],
  [
    "a retried key has one effect",
    "took effect 0 times",
    shoe(({ books }) => add(first(books.keys.values()), "replays", 1)),
  ],
  ["D1 equals the objects", "is not in D1", shoe(({ record }) => record.rows.pop())],
  ["D1 equals the objects", "is in D1 only", shoe(({ record }) => record.reservations.delete(first(record.rows).id))],
  [
    "D1 equals the objects",
    "(D1, object)",
    shoe(({ record }) => Object.assign(first(record.rows), { status: "held" })),
  ],
  ["D1 equals the objects", "shoe: sold 3 / 4", shoe(({ record }) => Object.assign(record.skuRow ?? {}, { sold: 3 }))],
  ["D1 equals the objects", "D1 has no SKU shoe", shoe(({ record }) => Object.assign(record, { skuRow: null }))],
  ["D1 equals the objects", "has not caught up", shoe(({ record }) => Object.assign(record, { caughtUp: false }))],
  ["the record is complete", "sold sums to 2, not 4", shoe(loseMovement)],
  ["the record is complete", "leaves {", done((story) => story.claim("shoe", "zoe", 9))],
  ["the record is complete", "is past version 3", sku((view) => Object.assign(view, { version: 3 }))],
  ["every call answered", "GET /", seen(({ journal }) => journal.outages.push({ at: Date.now(), call: "GET /" }))],
  ["every call answered", "GET /", seen(({ journal }) => journal.failures.push("GET /"))],
  ["every answer was right", "GET /", seen(({ journal }) => journal.surprises.push("GET /"))],
  [
    "watchers converged",
    "ended on shoe 1",
    seen(({ watchers }) => first(watchers).stock.set("shoe", { version: 1, state: "open", available: 4 })),
  ],
  ["watchers converged", "ended on shoe 0, nothing", seen(({ watchers }) => first(watchers).stock.clear())],
  ["watchers converged", "was shown it", seen(({ watchers }) => first(watchers).faults.push("was shown it"))],
  [
    "customers heard of their own",
    "eve was not told of",
    seen(({ watchers }) => find(watchers, ({ customer }) => customer === "eve").announced.clear()),
  ],
  ["no customer over the limit", "ann had 3 units", done((story) => story.claim("shoe", "ann", 1))],
  [
    "no customer over the limit",
    "ann has 3",
    shoe(({ record }) => Object.assign(one(record, "ann"), { confirmedQuantity: 3 })),
  ],
  ["no customer over the limit", "the object counts 1", shoe(({ record }) => record.unitsByCustomer.set("ann", 1))],
  ["every event accounted for", "stock.low, follows from nothing", done((story) => story.happen("shoe", "stock.low"))],
  ["every event accounted for", "stock.sold_out, follows from nothing", done(soldOutTwice)],
  [
    "every event accounted for",
    "sku.updated, follows from nothing",
    done((story) => story.happen("shoe", "sku.updated")),
  ],
  [
    "every event accounted for",
    "reservation.confirmed, follows from nothing",
    shoe(({ books, record }) => books.changes.delete(record.sku.version)),
  ],
];

/** Bob pays again when a unit has come back, and is refused. */
function refundInVain(story: Story): void {
  story.tell(story.change(story.of("shoe", "dan"), "reservation.returned", { sold: -1 }, { returnedQuantity: 2 }));
  const refund = { orderId: "again", quantity: 1 };
  story.change(story.of("shoe", "bob"), "reservation.refund_required", {}, {}, { refund, code: "hold-expired" });
}

/** Whose claims gave way to the late payment. */
function lender(feed: SkuEvidence["feed"]): unknown[] {
  return find([...feed], ({ data }) => "superseded" in data).data.superseded as unknown[];
}

function loseMovement(shown: SkuEvidence): void {
  const { movements, rows } = shown.record;
  movements.splice(movements.indexOf(ofType(movements, "reservation.confirmed")), 1);
  shown.replay = replayMovements(movements, 2, rows);
}

/** The last unit is sold: the first signal of it is right. */
function soldOutTwice(story: Story): void {
  story.happen("shoe", "stock.sold_out");
  story.happen("shoe", "stock.sold_out");
}
