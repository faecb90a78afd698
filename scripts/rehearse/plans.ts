import { randomUUID } from "node:crypto";
import type { Reservation } from "./books.ts";
import type { Shopper } from "./shopper.ts";
import { withoutStock } from "./verdicts.ts";

/** After this nobody tries for a unit any more, so that a rehearsal ends. */
const patienceMs = 14_000;
const returnsMax = 3;

type Plan = (shopper: Shopper) => Promise<void>;

/** What people come for, and how many of a hundred. */
export const plans: readonly (readonly [weight: number, plan: Plan])[] = [
  [28, buy],
  [16, abandon],
  [12, payLate],
  [12, payFirstOfTwo],
  [8, changeOnesMind],
  [8, askForTime],
  [6, stutter],
  [6, wantTooMuch],
  [4, meddle],
];

async function buy(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const hold = await obtain(shopper, random.chance(0.4) ? 2 : 1);
  if (hold === null) return;
  if (random.chance(0.2)) await shopper.reload();
  await pause(random.wait(700, 2500));
  const quantity = hold.quantity > 1 && random.chance(0.2) ? 1 : hold.quantity;
  const orderId = `order-${hold.id}`;
  const paid = await shopper.pay(hold.id, orderId, quantity);
  if (random.chance(0.1)) await shopper.pay(hold.id, random.chance(0.5) ? orderId : `${orderId}-again`, quantity);
  if (!paid.ok || !random.chance(0.15)) return;
  await pause(random.wait(1000, 4000));
  await shopper.giveBack(hold.id, random.chance(0.1) ? quantity + 1 : 1, random.chance(0.7));
}

async function abandon(shopper: Shopper): Promise<void> {
  await obtain(shopper, shopper.random.chance(0.4) ? 2 : 1);
}

async function payLate(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  const hold = await obtain(shopper, random.chance(0.3) ? 2 : 1);
  if (hold === null) return;
  await world.drop.clock.until(Date.parse(hold.expiresAt));
  // Some land right on the edge, where nobody can tell beforehand who wins.
  await pause(random.chance(0.3) ? random.between(-20, 20) : random.wait(900, 4000));
  const orderId = `order-${hold.id}`;
  await shopper.pay(hold.id, orderId, hold.quantity);
  if (random.chance(0.4)) await shopper.pay(hold.id, orderId, hold.quantity);
}

/** Lets a hold lapse, takes a newer one, and then the payment for the first lands: the newer one gives way. */
async function payFirstOfTwo(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  const first = await obtain(shopper, random.chance(0.3) ? 2 : 1);
  if (first === null) return;
  await world.drop.clock.until(Date.parse(first.expiresAt));
  // Others go first for a second; a few try at once.
  await pause(random.chance(0.2) ? random.between(50, 500) : random.between(1300, 2000));
  const second = await obtain(shopper, random.chance(0.5) ? 2 : 1);
  await pause(random.wait(300, 1000));
  const paid = await shopper.pay(first.id, `order-${first.id}`, first.quantity);
  if (second === null) return;
  if (paid.ok && random.chance(0.4)) await shopper.giveBack(first.id, first.quantity, true);
  const { id, quantity } = second;
  if (random.chance(0.7)) await shopper.pay(id, `order-${id}`, quantity);
}

async function changeOnesMind(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const hold = await obtain(shopper, 1);
  if (hold === null) return;
  await pause(random.wait(800, 3000));
  await shopper.release(hold.id);
  if (random.chance(0.3)) await shopper.release(hold.id);
  const released = shopper.world.books.reservations.get(hold.id)?.status === "released";
  if (released && random.chance(0.3)) await shopper.pay(hold.id, `order-${hold.id}`, hold.quantity);
}

async function askForTime(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const hold = await obtain(shopper, 1);
  if (hold === null) return;
  for (let times = random.chance(0.3) ? 3 : 1; times > 0; times--) {
    await pause(random.between(1500, 3300));
    const extended = await shopper.extend(hold.id);
    if (!extended.ok) break;
  }
  await pause(random.between(500, 3000));
  await shopper.pay(hold.id, `order-${hold.id}`, hold.quantity);
}

/** A bad line: everything is sent several times, at once and later. */
async function stutter(shopper: Shopper): Promise<void> {
  const quantity = shopper.random.chance(0.5) ? 2 : 1;
  const key = randomUUID();
  const reserves = await Promise.all([1, 2, 3].map(() => shopper.reserve(quantity, key)));
  const accepted = reserves.find((answer) => answer.ok);
  if (accepted === undefined) return;
  await shopper.reserve(quantity, key);
  await shopper.misuseKey(3 - quantity, key);
  await pause(shopper.random.wait(500, 2000));
  const { id } = accepted.body;
  const payKey = randomUUID();
  await Promise.all([1, 2, 3].map(() => shopper.pay(id, `order-${id}`, quantity, payKey)));
  await shopper.pay(id, `order-${id}`, quantity, payKey);
}

async function wantTooMuch(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  await shopper.reserve(world.drop.terms.perCustomerLimit + 1);
  await shopper.reserve(world.drop.terms.maxPerReservation + 1);
  const hold = await obtain(shopper, random.chance(0.5) ? 2 : 1);
  if (hold === null) return;
  await Promise.all([shopper.reserve(2), shopper.reserve(2)]);
  if (random.chance(0.6)) await shopper.pay(hold.id, `order-${hold.id}`, hold.quantity);
  await shopper.reserve(2);
}

async function meddle(shopper: Shopper): Promise<void> {
  const { books } = shopper.world;
  const others = [...books.reservations.values()].filter(({ customer }) => customer !== shopper.name);
  const other = others[Math.floor(shopper.random.next() * others.length)];
  // The service counts such probes by address, and all shoppers share ours.
  if (other !== undefined && shopper.world.probesLeft-- > 0) await shopper.meddleWith(other.id);
  await buy(shopper);
}

/** Tries for units, and comes again while others' holds may come back. */
async function obtain(shopper: Shopper, wanted: number): Promise<Reservation | null> {
  const { random, world } = shopper;
  let quantity = wanted;
  let key = randomUUID();
  for (let tries = 0; ; tries++) {
    const answer = await shopper.reserve(quantity, key);
    if (answer.ok) return withoutStock(answer.body);
    const { code, available, state } = answer.problem;
    const isOver = tries === returnsMax || world.drop.clock.now() > world.drop.opensAt + patienceMs;
    if (isOver || code !== "insufficient-stock" || !random.chance(state === "held_elsewhere" ? 0.6 : 0.1)) return null;
    if (available === 0) await pause(random.wait(2000, 5000));
    else quantity = Math.min(quantity, 1);
    // A refusal is not kept under its key, so a patient client may use it again.
    if (quantity !== wanted || random.chance(0.5)) key = randomUUID();
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
