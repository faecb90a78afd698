import { randomUUID } from "node:crypto";
import { type Plan, pause } from "../../crowd/crowd.ts";
import { lookAt, meddleWithReservation, reload } from "../../crowd/page-calls.ts";
import { giveBack, misuseKey, onReservation, reread, reserve } from "../../crowd/reservation-calls.ts";
import type { Shopper } from "../../crowd/shopper.ts";
import type { ReservationAnswer } from "../../crowd/sku-books.ts";

/** After this nobody tries for a unit any more, so that a rehearsal ends. */
const patienceMs = 14_000;
const returnsMax = 3;

/** What people come for, and how many of a hundred. */
export const plans = lookingFirst([
  [28, buy],
  [16, abandon],
  [12, payLate],
  [12, payFirstOfTwo],
  [8, changeOnesMind],
  [8, askForTime],
  [6, stutter],
  [6, wantTooMuch],
  [4, meddle],
]);

/** Some look at the product page before. */
function lookingFirst(all: readonly (readonly [weight: number, plan: Plan])[]) {
  return all.map(([weight, plan]) => {
    const visit: Plan = async (shopper) => {
      if (shopper.random.chance(0.3)) await lookAt(shopper, shopper.pickSku());
      await plan(shopper);
    };
    return [weight, visit] as const;
  });
}

async function buy(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const hold = await obtain(shopper, random.chance(0.4) ? 2 : 1);
  if (hold === null) return;
  if (random.chance(0.2)) await reload(shopper, hold.sku);
  await pause(random.wait(700, 2500));
  const quantity = hold.quantity > 1 && random.chance(0.2) ? 1 : hold.quantity;
  const orderId = `order-${hold.id}`;
  const paid = await pay(shopper, hold, { orderId, quantity });
  if (random.chance(0.1))
    await pay(shopper, hold, { orderId: random.chance(0.5) ? orderId : `${orderId}-again`, quantity });
  if (!paid.ok || !random.chance(0.15)) return;
  await pause(random.wait(1000, 4000));
  await giveBack(shopper, hold, { quantity: random.chance(0.1) ? quantity + 1 : 1, restock: random.chance(0.7) });
}

async function abandon(shopper: Shopper): Promise<void> {
  await obtain(shopper, shopper.random.chance(0.4) ? 2 : 1);
}

async function payLate(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  const hold = await obtain(shopper, random.chance(0.3) ? 2 : 1);
  if (hold === null) return;
  await world.sale.clock.until(Date.parse(hold.expiresAt));
  // Some land right on the edge, where nobody can tell beforehand who wins.
  await pause(random.chance(0.3) ? random.between(-20, 20) : random.wait(900, 4000));
  await pay(shopper, hold);
  if (random.chance(0.4)) await pay(shopper, hold);
}

/** Lets a hold lapse, takes a newer one, and then the payment for the first lands: the newer one gives way. */
async function payFirstOfTwo(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  const first = await obtain(shopper, random.chance(0.3) ? 2 : 1);
  if (first === null) return;
  await world.sale.clock.until(Date.parse(first.expiresAt));
  // Others go first for a second; a few try at once.
  await pause(random.chance(0.2) ? random.between(50, 500) : random.between(1300, 2000));
  const second = await obtain(shopper, random.chance(0.5) ? 2 : 1);
  await pause(random.wait(300, 1000));
  const paid = await pay(shopper, first);
  if (second === null) return;
  if (paid.ok && random.chance(0.4)) await giveBack(shopper, first);
  if (random.chance(0.7)) await pay(shopper, second);
}

async function changeOnesMind(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const hold = await obtain(shopper, 1);
  if (hold === null) return;
  await pause(random.wait(800, 3000));
  await onReservation(shopper, hold, "release");
  if (random.chance(0.3)) await onReservation(shopper, hold, "release");
  const released = shopper.world.books.of(hold.sku).reservations.get(hold.id)?.status === "released";
  if (released && random.chance(0.3)) await pay(shopper, hold);
}

async function askForTime(shopper: Shopper): Promise<void> {
  const { random } = shopper;
  const hold = await obtain(shopper, 1);
  if (hold === null) return;
  for (let times = random.chance(0.3) ? 3 : 1; times > 0; times--) {
    await pause(random.between(1500, 3300));
    const extended = await onReservation(shopper, hold, "extend");
    if (!extended.ok) break;
  }
  await pause(random.between(500, 3000));
  await pay(shopper, hold);
}

/** A bad line: everything is sent several times, at once and later. */
async function stutter(shopper: Shopper): Promise<void> {
  const sku = shopper.pickSku();
  const quantity = shopper.random.chance(0.5) ? 2 : 1;
  const key = randomUUID();
  const reserves = await Promise.all([1, 2, 3].map(() => reserve(shopper, sku, quantity, key)));
  const accepted = reserves.find((answer) => answer.ok);
  if (accepted === undefined) return;
  await reserve(shopper, sku, quantity, key);
  await misuseKey(shopper, sku, 3 - quantity, key);
  await pause(shopper.random.wait(500, 2000));
  const payment = { key: randomUUID() };
  await Promise.all([1, 2, 3].map(() => pay(shopper, accepted.body, payment)));
  await pay(shopper, accepted.body, payment);
}

async function wantTooMuch(shopper: Shopper): Promise<void> {
  const { random, world } = shopper;
  const sku = shopper.pickSku();
  await reserve(shopper, sku, world.sale.limit.units + 1);
  await reserve(shopper, sku, world.sale.policy.maxPerReservation + 1);
  const hold = await obtain(shopper, random.chance(0.5) ? 2 : 1);
  if (hold === null) return;
  await Promise.all([reserve(shopper, sku, 2), reserve(shopper, sku, 2)]);
  if (random.chance(0.6)) await pay(shopper, hold);
  await reserve(shopper, sku, 2);
}

async function meddle(shopper: Shopper): Promise<void> {
  const { books, sale } = shopper.world;
  const told = sale.limited.flatMap((sku) => [...books.of(sku).reservations.values()]);
  const others = told.filter(({ customer }) => customer !== shopper.name);
  const other = others[Math.floor(shopper.random.next() * others.length)];
  if (other !== undefined && shopper.world.probesLeft-- > 0) await meddleWithReservation(shopper, other);
  await buy(shopper);
}

/** Pays, and sees what else its customer holds: it may have given way to a late payment. */
async function pay(shopper: Shopper, hold: ReservationAnswer, more: Parameters<typeof onReservation>[3] = {}) {
  const paid = await onReservation(shopper, hold, "confirm", more);
  if (paid.ok && paid.body.rescued) {
    const held = shopper.claims.singlesOf(hold.sku).filter(({ status }) => status === "held");
    for (const one of held) await reread(shopper, one);
  }
  return paid;
}

/** Tries for units, and comes again while others' holds may come back. */
async function obtain(shopper: Shopper, wanted: number): Promise<ReservationAnswer | null> {
  const { random, world } = shopper;
  const sku = shopper.pickSku();
  let quantity = wanted;
  let key = randomUUID();
  for (let tries = 0; ; tries++) {
    const answer = await reserve(shopper, sku, quantity, key);
    if (answer.ok) return answer.body;
    const { code, available, state } = answer.problem;
    const isOver = tries === returnsMax || world.sale.clock.now() > world.sale.opensAt + patienceMs;
    if (isOver || code !== "insufficient-stock" || !random.chance(state === "held_elsewhere" ? 0.6 : 0.1)) return null;
    if (available === 0) await pause(random.wait(2000, 5000));
    else quantity = Math.min(quantity, 1);
    // A refusal is not kept under its key, so a patient client may use it again.
    if (quantity !== wanted || random.chance(0.5)) key = randomUUID();
  }
}
