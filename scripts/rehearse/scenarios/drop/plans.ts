import { randomUUID } from "node:crypto";
import type { CartView } from "../../crowd/books.ts";
import { misuseCartKey, onCart, openCart, rereadCart } from "../../crowd/cart-calls.ts";
import { type Crowd, pause } from "../../crowd/crowd.ts";
import { meddleWithCart } from "../../crowd/page-calls.ts";
import { giveBack, onReservation, reread, reserve } from "../../crowd/reservation-calls.ts";
import type { Shopper } from "../../crowd/shopper.ts";
import type { ReservationAnswer } from "../../crowd/sku-books.ts";
import { accessoryOf } from "./sale.ts";
import { waitFor } from "./waiting.ts";

const looksMax = 40;
const lookPauseMs = 250;

/** What people come for, and how many of a hundred. */
export const plans: Crowd["plans"] = [
  [15, buyCart],
  [12, buyOne],
  [10, abandonCart],
  [10, payCartLate],
  [8, payFirstOfTwo],
  [4, switchAndPayLate],
  [10, wantSecondPair],
  [8, wantAllSizes],
  [7, takeWhatThereIs],
  [6, changeCart],
  [6, stutter],
  [3, wantLaces],
  [1, meddle],
];

async function buyOne(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const held = await obtain(shopper);
  if (held === null) return;
  await pause(random.wait(600, 2500));
  if (random.chance(0.25)) await onReservation(shopper, held, "extend");
  if (random.chance(0.15)) await pause(random.between(2500, 7000));
  const paid = await onReservation(shopper, held, "confirm");
  if (random.chance(0.15)) await onReservation(shopper, held, "confirm");
  if (!paid.ok || !random.chance(0.15)) return;
  await giveBack(shopper, held);
  await changeSize(shopper);
}

/** A pair and the laces, together or not at all. */
async function buyCart(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const cart = await obtainCart(shopper);
  if (cart === null) return;
  await pause(random.wait(600, 2500));
  if (random.chance(0.3)) await onCart(shopper, cart, "extend");
  if (random.chance(0.15)) {
    await onCart(shopper, cart, "release");
    await onCart(shopper, cart, "confirm");
    return;
  }
  // Some do not ask again when the connection breaks: then it is the cart alone that ends what was begun.
  await onCart(shopper, cart, "confirm", undefined, random.chance(0.7));
  if (random.chance(0.2)) await onCart(shopper, cart, "confirm");
  if (random.chance(0.1)) await onCart(shopper, cart, "confirm", `another-${cart.id}`);
}

async function abandonCart(shopper: Shopper): Promise<void> {
  await obtainCart(shopper, true);
}

async function payCartLate(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const cart = await obtainCart(shopper);
  if (cart === null) return;
  await untilEnd(shopper, cart);
  await pause(random.chance(0.3) ? random.between(0, 40) : random.wait(800, 4000));
  await onCart(shopper, cart, "confirm");
  await onCart(shopper, cart, "confirm");
}

/** Lets a cart lapse, buys another size, and then the payment for the cart lands: it is one pair too many. */
async function switchAndPayLate(shopper: Shopper): Promise<void> {
  const cart = await obtainCart(shopper);
  if (cart === null) return;
  await untilEnd(shopper, cart);
  await pause(shopper.random.between(200, 1200));
  const other = await reserve(shopper, shopper.pickSku());
  const bought = other.ok && (await onReservation(shopper, other.body, "confirm"));
  const late = await onCart(shopper, cart, "confirm");
  if (bought !== false && bought.ok) shopper.expectRefusal("a late payment for a second pair", late, "hold-expired");
}

/** Lets a hold or a cart lapse, takes a newer one, and then the payment for the first lands: the newer one gives way. */
async function payFirstOfTwo(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  const claim = random.chance(0.5) ? await obtainCart(shopper) : await obtain(shopper);
  if (claim === null) return;
  await world.sale.clock.until(Date.parse(claim.expiresAt ?? ""));
  // Others go first for a second.
  await pause(random.between(1300, 2000));
  const size = random.chance(0.4) && "sku" in claim ? claim.sku : shopper.pickSku();
  const newer = random.chance(0.4)
    ? await openCart(shopper, [size, accessoryOf(shopper)])
    : await reserve(shopper, size);
  await pause(random.wait(300, 1000));
  const late = await pay(shopper, claim);
  if (!newer.ok) return;
  await seeWhatBecame(shopper, newer.body, late.ok);
  if (late.ok && "sku" in claim && random.chance(0.4)) await giveBack(shopper, claim);
  if (random.chance(0.7)) await pay(shopper, newer.body);
}

function pay(shopper: Shopper, claim: CartView | ReservationAnswer) {
  return "lines" in claim ? onCart(shopper, claim, "confirm") : onReservation(shopper, claim, "confirm");
}

/** What gave way in another SKU learns of the sale a moment later. */
async function seeWhatBecame(
  shopper: Shopper,
  claim: CartView | ReservationAnswer,
  isToGiveWay: boolean,
): Promise<void> {
  for (let looks = 1; looks <= looksMax; looks++) {
    const seen = "lines" in claim ? await rereadCart(shopper, claim.id) : await reread(shopper, claim);
    if (seen?.status !== "held" || !isToGiveWay) return;
    await pause(lookPauseMs);
  }
}

/** One pair to a customer: another size only when the first is given back. */
async function wantSecondPair(shopper: Shopper): Promise<void> {
  const held = await obtain(shopper);
  if (held === null) return;
  if (shopper.random.chance(0.5)) await reserve(shopper, shopper.pickSku());
  else await openCart(shopper, [shopper.pickSku(), accessoryOf(shopper)]);
  if ((await onReservation(shopper, held, "release")).ok) await changeSize(shopper);
}

/** Everything at once, in the hope that nobody counts. */
async function wantAllSizes(shopper: Shopper): Promise<void> {
  const { sale } = shopper.world;
  const answers = await Promise.all(sale.limited.map((sku) => reserve(shopper, sku)));
  const held = answers.filter((answer) => answer.ok);
  // One that was lost on the way and sent again may have been granted when the first had lapsed.
  const isSecond = ({ body }: (typeof held)[number]) =>
    held.some((one) => one.body !== body && overlap(one.body, body, sale.policy.holdTtlSeconds));
  for (const answer of held.filter(isSecond)) shopper.surprise("one pair is all that anybody gets", answer);
  const limited = answers.find((answer) => !answer.ok && answer.problem.scope === "drop");
  // Had the service died meanwhile, the one that was granted may have lapsed before it could be asked for again.
  const isSure = limited !== undefined && shopper.world.books.awayMs(limited.sentAt, sale.clock.span(limited).to) === 0;
  if (isSure && shopper.claims.isEmpty)
    shopper.surprise("of many calls at once one gets what the limit leaves", limited);
  const [first] = held;
  if (first?.ok && shopper.random.chance(0.6)) await onReservation(shopper, first.body, "confirm");
}

/** Whether two holds that nobody has extended were there at the same time; each began when it was granted. */
function overlap(one: ReservationAnswer, other: ReservationAnswer, ttlSeconds: number): boolean {
  const apartMs = Math.abs(Date.parse(one.expiresAt) - Date.parse(other.expiresAt));
  return apartMs < ttlSeconds * 1000;
}

async function takeWhatThereIs(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const wanted = [...new Set([shopper.pickSku(), shopper.pickSku(), accessoryOf(shopper)])];
  const answer = await openCart(shopper, wanted, "best_effort");
  if (!answer.ok) return;
  await pause(random.wait(500, 2000));
  if (random.chance(0.7)) await onCart(shopper, answer.body, "confirm");
}

/** Gives a line back and keeps the other: without the pair another size is allowed, without both there is no cart. */
async function changeCart(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const cart = await obtainCart(shopper);
  if (cart === null) return;
  const [pair, laces] = cart.lines.toSorted(({ sku }) => (sku === accessoryOf(shopper) ? 1 : -1));
  if (!pair || !laces) return;
  const isPairGone = random.chance(0.5);
  if (!(await releaseLine(shopper, isPairGone ? pair : laces)).ok) return;
  if (isPairGone) await changeSize(shopper);
  if (random.chance(0.2)) await releaseLine(shopper, isPairGone ? laces : pair);
  else await onCart(shopper, cart, "confirm");
}

async function releaseLine(shopper: Shopper, { sku, reservation }: CartView["lines"][number]) {
  return onReservation(shopper, { sku, id: reservation ?? "" }, "release");
}

/** A bad line: the same is asked for several times, at once and later. */
async function stutter(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const key = randomUUID();
  if (random.chance(0.4)) return stutterSingle(shopper, key);
  const wanted = [shopper.pickSku(), accessoryOf(shopper)];
  const answers = await Promise.all([1, 2].map(() => openCart(shopper, wanted, "all_or_nothing", key)));
  const cart = answers.find((answer) => answer.ok)?.body;
  if (cart === undefined) return;
  await openCart(shopper, wanted, "all_or_nothing", key);
  if (random.chance(0.3)) await misuseCartKey(shopper, wanted, key);
  await Promise.all([1, 2].map(() => onCart(shopper, cart, "confirm")));
}

async function stutterSingle(shopper: Shopper, key: string): Promise<void> {
  const size = shopper.pickSku();
  const answers = await Promise.all([1, 2].map(() => reserve(shopper, size, 1, key)));
  const held = answers.find((answer) => answer.ok)?.body;
  if (held === undefined) return;
  await reserve(shopper, size, 1, key);
  const payment = { key: randomUUID() };
  await Promise.all([1, 2].map(() => onReservation(shopper, held, "confirm", payment)));
}

/** Several laces and no pair. Where there are too few, whoever wants fewer may go first. */
async function wantLaces(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const quantity = 1 + Math.floor(random.next() * 4);
  const answer = await reserve(shopper, accessoryOf(shopper), quantity);
  if (!answer.ok) return waitFor(shopper, accessoryOf(shopper), quantity);
  await pause(random.wait(1000, 3000));
  if (random.chance(0.3)) await onReservation(shopper, answer.body, "release");
}

async function meddle(shopper: Shopper): Promise<void> {
  const { books } = shopper.world;
  const cart = [...books.carts.values()].find(({ customer }) => customer !== shopper.name);
  const entry = [...books.entries.values()].find(({ customer }) => customer !== shopper.name);
  if (cart !== undefined) await meddleWithCart(shopper, cart, entry);
}

async function changeSize(shopper: Shopper): Promise<void> {
  const other = await reserve(shopper, shopper.pickSku());
  if (other.ok && shopper.random.chance(0.7)) await onReservation(shopper, other.body, "confirm");
}

async function obtainCart(shopper: Shopper, once = false): Promise<CartView | null> {
  const size = shopper.pickSku();
  const answer = await openCart(shopper, [size, accessoryOf(shopper)], undefined, undefined, once);
  if (answer.ok) return answer.body;
  if (shopper.random.chance(0.4)) await waitFor(shopper, size, 1);
  return null;
}

async function obtain(shopper: Shopper): Promise<ReservationAnswer | null> {
  const size = shopper.pickSku();
  const answer = await reserve(shopper, size);
  if (answer.ok) return answer.body;
  if (shopper.random.chance(0.5)) await waitFor(shopper, size, 1);
  return null;
}

async function untilEnd({ world }: Shopper, { expiresAt }: CartView): Promise<void> {
  await world.sale.clock.until(Date.parse(expiresAt ?? ""));
}
