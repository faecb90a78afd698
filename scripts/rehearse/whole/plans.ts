import { randomUUID } from "node:crypto";
import type { CartView, ReservationView } from "./books.ts";
import { terms } from "./drop.ts";
import type { DropShopper } from "./shopper.ts";

/** How long somebody stays on a waitlist before giving up. */
const waitMsMax = 14_000;
const lookEveryMs = 400;

type Plan = (shopper: DropShopper) => Promise<void>;

/** What people come for, and how many of a hundred. */
export const wholePlans: readonly (readonly [weight: number, plan: Plan])[] = [
  [22, buyCart],
  [16, buyOne],
  [12, abandonCart],
  [10, payCartLate],
  [10, wantSecondPair],
  [8, wantAllSizes],
  [8, takeWhatThereIs],
  [7, changeCart],
  [7, stutter],
];

async function buyOne(shopper: DropShopper): Promise<void> {
  const held = await obtain(shopper);
  if (held === null) return;
  await pause(shopper.random.wait(600, 2500));
  await shopper.onReservation(held, "confirm");
}

/** A pair and the laces, together or not at all. */
async function buyCart(shopper: DropShopper): Promise<void> {
  const { random } = shopper;
  const cart = await obtainCart(shopper);
  if (cart === null) return;
  await pause(random.wait(600, 2500));
  if (random.chance(0.3)) await shopper.onCart(cart, "extend");
  if (random.chance(0.15)) {
    const released = await shopper.onCart(cart, "release");
    const paid = await shopper.onCart(cart, "confirm");
    // One that had expired before is answered as it is, and may be rescued.
    if (released.ok && released.body.status === "released") {
      shopper.expectRefusal("a released cart", paid, "already-released");
    }
    return;
  }
  await shopper.onCart(cart, "confirm");
  if (random.chance(0.2)) await shopper.onCart(cart, "confirm");
}

async function abandonCart(shopper: DropShopper): Promise<void> {
  await obtainCart(shopper);
}

async function payCartLate(shopper: DropShopper): Promise<void> {
  const { random, world } = shopper;
  const cart = await obtainCart(shopper);
  if (cart === null || cart.expiresAt === null) return;
  await world.drop.clock.until(Date.parse(cart.expiresAt));
  await pause(random.chance(0.3) ? random.between(0, 40) : random.wait(800, 4000));
  const paid = await shopper.onCart(cart, "confirm");
  if (!paid.ok) shopper.expectRefusal("a late payment", await shopper.onCart(cart, "confirm"), paid.problem.code);
}

/** One pair to a customer: another size only when the first is given back. */
async function wantSecondPair(shopper: DropShopper): Promise<void> {
  const held = await obtain(shopper);
  if (held === null) return;
  const { clock } = shopper.world.drop;
  const second = await shopper.reserve(shopper.size);
  const isSure = clock.span(second).to < Date.parse(held.expiresAt);
  if (isSure) shopper.expectRefusal("a second pair", second, "limit-exceeded", "insufficient-stock");
  const released = await shopper.onReservation(held, "release");
  if (!released.ok || second.ok) return;
  const other = await shopper.reserve(shopper.size);
  if (other.ok) await shopper.onReservation(other.body, "confirm");
  else shopper.expectRefusal("another size after a release", other, "insufficient-stock");
}

/** Whether two holds that nobody has extended were there at the same time; each began when it was granted. */
function overlap(one: ReservationView, other: ReservationView): boolean {
  const [first, second] = [one, other].map(({ expiresAt }) => Date.parse(expiresAt)).sort((a, b) => a - b);
  return first !== undefined && second !== undefined && second - terms.holdTtlSeconds * 1000 < first;
}

/** Everything at once, in the hope that nobody counts. */
async function wantAllSizes(shopper: DropShopper): Promise<void> {
  const { sizes } = shopper.world.drop;
  const answers = await Promise.all(sizes.map((sku) => shopper.reserve(sku)));
  const held = answers.filter((answer) => answer.ok);
  const [first] = held;
  for (const answer of held.slice(1)) {
    // Answers that were long on their way may be those of a pair after the other, which had expired by then.
    const isBeside = held.some((one) => one !== answer && one.ok && answer.ok && overlap(one.body, answer.body));
    if (isBeside) shopper.surprise("one pair is all that anybody gets", answer);
  }
  if (first?.ok && shopper.random.chance(0.6)) await shopper.onReservation(first.body, "confirm");
}

async function takeWhatThereIs(shopper: DropShopper): Promise<void> {
  const { random, world } = shopper;
  const wanted = [...new Set([shopper.size, shopper.size, world.drop.accessory])];
  const answer = await shopper.openCart(wanted, "best_effort");
  if (!answer.ok) return shopper.expectRefusal("best effort", answer, "cart-not-held");
  const pairs = answer.body.lines.filter(({ sku, status }) => sku !== world.drop.accessory && status === "held");
  if (pairs.length > 1) shopper.surprise("one pair is all that anybody gets", answer);
  await pause(random.wait(500, 2000));
  if (random.chance(0.7)) await shopper.onCart(answer.body, "confirm");
}

/** Gives the laces back and keeps the pair. */
async function changeCart(shopper: DropShopper): Promise<void> {
  const { accessory } = shopper.world.drop;
  const cart = await obtainCart(shopper);
  const line = cart?.lines.find(({ sku }) => sku === accessory);
  if (!cart || !line?.reservation) return;
  const { sku, reservation: id } = line;
  const released = await shopper.onReservation({ sku, id } as ReservationView, "release");
  if (released.ok) await shopper.onCart(cart, "confirm");
}

/** A bad line: the same cart is asked for several times, at once and later. */
async function stutter(shopper: DropShopper): Promise<void> {
  const key = randomUUID();
  const wanted = [shopper.size, shopper.world.drop.accessory];
  const answers = await Promise.all([1, 2].map(() => shopper.openCart(wanted, "all_or_nothing", key)));
  const carts = answers.flatMap((answer) => (answer.ok ? [answer.body] : []));
  if (new Set(carts.map(({ id }) => id)).size > 1) shopper.world.journal.surprises.push(`${key} made several carts`);
  const [cart] = carts;
  if (cart === undefined) return;
  await shopper.openCart(wanted, "all_or_nothing", key);
  await Promise.all([1, 2].map(() => shopper.onCart(cart, "confirm")));
}

async function obtainCart(shopper: DropShopper): Promise<CartView | null> {
  const { size } = shopper;
  const answer = await shopper.openCart([size, shopper.world.drop.accessory], "all_or_nothing");
  if (answer.ok) return answer.body;
  shopper.expectRefusal("a cart", answer, "cart-not-held");
  if (shopper.random.chance(0.4)) await waitFor(shopper, size);
  return null;
}

async function obtain(shopper: DropShopper): Promise<ReservationView | null> {
  const { size } = shopper;
  const answer = await shopper.reserve(size);
  if (answer.ok) return answer.body;
  shopper.expectRefusal("a pair", answer, "insufficient-stock");
  if (shopper.random.chance(0.5)) await waitFor(shopper, size);
  return null;
}

/** Waits for a pair to come back, and takes it, turns it down, or looks away. */
async function waitFor(shopper: DropShopper, sku: string): Promise<void> {
  const { random } = shopper;
  const joined = await shopper.join(sku);
  if (!joined.ok) return shopper.expectRefusal("joining", joined, "stock-available", "already-waiting");
  const patienceMs = random.chance(0.2) ? random.between(500, 3000) : waitMsMax;
  for (const since = Date.now(); Date.now() - since < patienceMs; ) {
    await pause(lookEveryMs);
    const entry = await shopper.readEntry(joined.body);
    if (entry === null || entry.status === "waiting") continue;
    const { reservation: id } = entry;
    if (entry.status !== "offered" || id === null) return;
    if (random.chance(0.6)) await shopper.onReservation({ sku, id } as ReservationView, "confirm");
    else if (random.chance(0.5)) await shopper.leave(entry);
    return;
  }
  await shopper.leave(joined.body);
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
