import { z } from "zod";
import { reservationView } from "../../../src/contracts/reservation.ts";
import { isLimited, limitOf } from "../crowd/sale.ts";
import type { Logged } from "../events/log.ts";
import { type Check, counted, type Evidence, readable } from "./evidence.ts";

/** A cart may take so long to decide, and longer by what the service was away for right before. */
const decisionMs = 5000;
const recoveryMs = 10_000;

const claim = reservationView.pick({
  id: true,
  customer: true,
  cart: true,
  quantity: true,
  confirmedQuantity: true,
  returnedQuantity: true,
});
const about = z.object({ reservation: claim.nullish().catch(null) });
const refundData = z.object({
  refund: z.object({ orderId: z.string().nullable(), quantity: z.int().nullish(), code: z.string().nullish() }),
  code: z.string().nullish(),
});
type TracedClaim = z.infer<typeof claim> & { held: number; isTried: boolean };
type Question = {
  name: string;
  order: string;
  late: z.infer<typeof claim>;
  sku: string;
  quantity: number;
  /** The stretch of the feed in which it was decided. */
  from: number;
  to: number;
  at: number;
  isShort: boolean;
};

/**
 * A late payment was refunded only while it did not fit: of units with tries and its customer's other unpaid claims counted as
 * free, or of limits without those.
 */
export function checkRefunds(evidence: Evidence): Check {
  const { skus, sale, books } = evidence;
  const isOfDrop = sale.limit.scope === "drop";
  // What crosses SKUs is decided in several transactions, and a limit hears of a sale or a return a moment later.
  const decidedWithinMs = (at: number) => (isOfDrop ? decisionMs + books.awayMs(at - recoveryMs, at) : 0);
  const decided = cartDecisions(evidence.events.log);
  const questions = [...skus].flatMap(([sku, { feed }]) => {
    const asked = questionsIn(sku, feed, decided, decidedWithinMs);
    answer(feed, asked, isOfDrop ? Number.POSITIVE_INFINITY : limitOf(sale, sku));
    return asked;
  });
  if (isOfDrop) answerByDrop(evidence, questions, decidedWithinMs);
  // A cart is sold whole: one line that is short is enough.
  const short = new Set(questions.filter(({ isShort }) => isShort).map(({ order }) => order));
  const offenders = questions
    .filter(({ order }) => !short.has(order))
    .map(({ name, late, quantity }) => `${name} refunds ${late.customer} for ${quantity} of ${late.id}, which fitted`);
  return { promise: "no refund of what fitted", figures: counted(questions.length, "late refund"), offenders };
}

/** Whoever gave way did so for a payment that was sold and names it. */
export function checkSuperseded({ skus }: Evidence): Check {
  const named = new Set<string>();
  /** Claims that gave way, and the carts that they are lines of. */
  const gaveWay = new Map<string, string>();
  let sales = 0;
  const offenders: string[] = [];
  for (const { id: event, type, data } of [...skus.values()].flatMap(({ feed }) => feed)) {
    const late = about.parse(data).reservation;
    if (type === "reservation.confirmed" && Array.isArray(data.superseded)) {
      sales += 1;
      for (const lender of data.superseded) named.add(`${late?.customer} ${lender.id ?? lender.cart}`);
    }
    if (data.reason !== "superseded" || late == null) continue;
    if (type === "reservation.released") gaveWay.set(`${late.customer} ${late.id}`, `${late.customer} ${late.cart}`);
    else if (!type.startsWith("waitlist.")) offenders.push(`${event}, ${type}, is superseded`);
  }
  for (const [one, cart] of gaveWay) {
    if (!named.has(one) && !named.has(cart)) offenders.push(`${one} gave way to no sale`);
  }
  const released = new Set([...gaveWay].flat());
  offenders.push(...[...named].filter((one) => !released.has(one)).map((one) => `${one} gave way, and is no release`));
  const figures = `${readable(gaveWay.size)} gave way to ${counted(sales, "late payment")}`;
  return { promise: "own claims gave way to a sale", figures, offenders };
}

/** The reservations of a feed that were released because their customer's earlier claim was paid late. */
export function supersededIn(movements: readonly { data: Record<string, unknown> }[]): Set<string> {
  const released = movements.filter(({ data }) => data.reason === "superseded");
  return new Set(released.map(({ data }) => about.parse(data).reservation?.id ?? ""));
}

/** When each cart decided to refund an order: its SKUs may hear of that much later. */
function cartDecisions(log: readonly Logged[]): Map<string, number> {
  const decisions = log.flatMap(({ stream, type, data, time }): [string, number][] => {
    const parsed = refundData.safeParse(data);
    if (type !== "cart.refund_required" || !parsed.success) return [];
    return [[`${stream} ${parsed.data.refund.orderId}`, Date.parse(time)]];
  });
  return new Map(decisions);
}

function questionsIn(
  sku: string,
  feed: readonly Logged[],
  decided: ReadonlyMap<string, number>,
  decidedWithinMs: (at: number) => number,
): Question[] {
  return feed.flatMap(({ id: name, type, data, time }, index) => {
    const parsed = refundData.safeParse(data);
    const late = about.parse(data).reservation;
    if (type !== "reservation.refund_required" || !parsed.success || late == null) return [];
    const { refund, code } = parsed.data;
    if ((refund.code ?? code) !== "hold-expired") return [];
    const at = decided.get(`cart/${late.cart} ${refund.orderId}`) ?? Date.parse(time);
    const begin = at - decidedWithinMs(at);
    const first = feed.findIndex((event) => Date.parse(event.time) >= begin);
    // A SKU by itself decides in the transaction that writes the event.
    const to = late.cart === null ? index : feed.findLastIndex((event) => Date.parse(event.time) <= at);
    const from = late.cart === null ? to : Math.max(0, first - 1);
    const order = `${late.cart ?? late.id} ${refund.orderId}`;
    return [{ name, order, late, sku, quantity: refund.quantity ?? late.quantity, from, to, at, isShort: false }];
  });
}

/** Plays a feed, and looks at every instant of each question whether the SKU alone was short of it. */
function answer(feed: readonly Logged[], questions: readonly Question[], limit: number): void {
  const claims = new Map<string, TracedClaim>();
  let available = 0;
  feed.forEach(({ type, data }, index) => {
    const [dStock, dHeld, dSold] = [data.dStock, data.dHeld, data.dSold].map((units) => Number(units ?? 0));
    available += (dStock ?? 0) - (dHeld ?? 0) - (dSold ?? 0);
    const moved = about.parse(data).reservation;
    if (moved != null) {
      const before = claims.get(moved.id);
      const isTried = UNSETTLED.has(type) ? before?.isTried === true : type === "reservation.tried";
      claims.set(moved.id, { ...moved, held: (before?.held ?? 0) + (dHeld ?? 0), isTried });
    }
    for (const question of questions) {
      if (index < question.from || index > question.to) continue;
      const { late, quantity } = question;
      const own = [...claims.values()].filter(({ customer }) => customer === late.customer);
      const bought = own.reduce((sum, one) => sum + one.confirmedQuantity - one.returnedQuantity, 0);
      const lendable = [...claims.values()].filter((one) => one.isTried || one.customer === late.customer);
      const free = lendable.reduce((sum, { held }) => sum + held, available);
      question.isShort ||= quantity > free || bought + quantity > limit;
    }
  });
}

/** What does not settle a try. */
const UNSETTLED: ReadonlySet<string> = new Set(["reservation.locked", "reservation.refund_required"]);

/** Looks whether what each customer had bought of a drop, and not returned, filled its limit. */
function answerByDrop(
  { sale, skus }: Evidence,
  questions: readonly Question[],
  decidedWithinMs: (at: number) => number,
): void {
  const events = sale.limited.flatMap((sku) => skus.get(sku)?.feed ?? []);
  const bought = events.flatMap(({ time, data }) => {
    const moved = about.parse(data).reservation;
    return moved == null ? [] : [{ at: Date.parse(time), moved }];
  });
  const byCustomer = Map.groupBy(
    bought.sort((one, other) => one.at - other.at),
    ({ moved }) => moved.customer,
  );
  for (const question of questions) {
    const { late, sku, quantity, at: to } = question;
    if (!isLimited(sale, sku)) continue;
    const from = to - decidedWithinMs(to);
    const kept = new Map<string, number>();
    let most = 0;
    for (const { at, moved } of byCustomer.get(late.customer) ?? []) {
      if (at > to) break;
      // What was so before the stretch counts as it was when that began.
      if (at >= from) most = Math.max(most, sum(kept));
      kept.set(moved.id, moved.confirmedQuantity - moved.returnedQuantity);
    }
    question.isShort ||= Math.max(most, sum(kept)) + quantity > sale.limit.units;
  }
}

function sum(kept: ReadonlyMap<string, number>): number {
  return [...kept.values()].reduce((all, units) => all + units, 0);
}
