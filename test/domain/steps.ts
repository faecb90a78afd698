import fc from "fast-check";
import type { Actor, Command, Request } from "../../src/domain/command.ts";
import type { Policy } from "../../src/domain/model.ts";
import { ADMIN, START, STOREFRONT, shopper } from "./sale.ts";

/** A command whose reservation is known by number only: ids are given out as the story goes. */
export type Wish =
  | { type: "reserve"; customer: string; quantity: number; ttlSeconds: number | undefined }
  | { type: "confirm"; target: number; less: number; orderId: string | undefined }
  | { type: "extend"; target: number; ttlSeconds: number | undefined }
  | { type: "release"; target: number }
  | { type: "return"; target: number; quantity: number | undefined; restock: boolean }
  | { type: "adjust"; delta: number }
  | { type: "update"; policy: Partial<Policy> };

export interface Call {
  wish: Wish;
  actor: Actor;
  key: number | null;
}

/** The clock moves on or is set back, or the alarm rings, or calls share a transaction, as one batch when it has a key. */
export type Step =
  | { do: "wait"; ms: number }
  | { do: "wake" }
  | { do: "call"; calls: Call[] }
  | { do: "batch"; calls: Call[]; key: number | null };

const CUSTOMERS = ["ann", "bob", "cid"];

const maybe = <Value>(some: fc.Arbitrary<Value>) => fc.option(some, { nil: undefined, freq: 2 });
const target = fc.nat({ max: 9 });
const ttlSeconds = maybe(fc.integer({ min: 1, max: 10 }));
const instant = fc.option(
  fc.integer({ min: -1, max: 40 }).map((seconds) => START + seconds * 1000),
  { freq: 2 },
);

const reserve = fc.record({
  type: fc.constant("reserve" as const),
  customer: fc.constantFrom(...CUSTOMERS),
  quantity: fc.integer({ min: 1, max: 4 }),
  ttlSeconds,
});
const confirm = fc.record({
  type: fc.constant("confirm" as const),
  target,
  less: fc.constantFrom(0, 0, 1),
  orderId: maybe(fc.constantFrom("order-1", "order-2")),
});
const extend = fc.record({ type: fc.constant("extend" as const), target, ttlSeconds });
const release = fc.record({ type: fc.constant("release" as const), target });
const giveBack = fc.record({
  type: fc.constant("return" as const),
  target,
  quantity: maybe(fc.integer({ min: 1, max: 3 })),
  restock: fc.boolean(),
});
const adjust = fc.record({
  type: fc.constant("adjust" as const),
  delta: fc.integer({ min: -4, max: 4 }).filter((delta) => delta !== 0),
});
const update = fc.record({
  type: fc.constant("update" as const),
  policy: fc.oneof(
    { weight: 3, arbitrary: fc.record({ paused: fc.constantFrom(false, false, true) }) },
    { weight: 3, arbitrary: fc.record({ perCustomerLimit: fc.constantFrom(null, 1, 3, 5) }) },
    { weight: 1, arbitrary: fc.record({ opensAt: instant }) },
    { weight: 1, arbitrary: fc.record({ closesAt: instant }) },
    { weight: 2, arbitrary: fc.record({ opensAt: instant, closesAt: instant }) },
    { weight: 2, arbitrary: fc.record({ lateConfirmSeconds: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ holdTtlSeconds: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ maxHoldSeconds: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ lowStockThreshold: fc.integer({ min: 0, max: 5 }) }) },
  ),
});

const actor = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(STOREFRONT, ADMIN) },
  { weight: 1, arbitrary: fc.constantFrom(...CUSTOMERS).map(shopper) },
);
const key = fc.option(fc.nat({ max: 2 }), { freq: 2 });

const shoppersWish = fc.oneof(
  { weight: 8, arbitrary: reserve },
  { weight: 6, arbitrary: confirm },
  { weight: 2, arbitrary: extend },
  { weight: 2, arbitrary: release },
  { weight: 2, arbitrary: giveBack },
);
const anyWish = fc.oneof(
  { weight: 8, arbitrary: shoppersWish },
  { weight: 1, arbitrary: adjust },
  { weight: 1, arbitrary: update },
);
const callsOf = (wish: fc.Arbitrary<Wish>, maxLength: number) =>
  fc.array(fc.record({ wish, actor, key }), { minLength: 1, maxLength });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 999, 1000, 2000, 5000, 60_000, -1, -1000, -5000, -60_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wake" as const) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("call" as const), calls: callsOf(anyWish, 3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("batch" as const), calls: callsOf(shoppersWish, 4), key }) },
);

export const story = fc.record({
  stock: fc.integer({ min: 0, max: 8 }),
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
});

/** The command of a wish. `sizeOf` tells how many units a reservation has, so that a confirmation may name fewer. */
export function commandOf(wish: Wish, newId: () => string, sizeOf: (id: string) => number): Command {
  switch (wish.type) {
    case "reserve": {
      const { ttlSeconds: asked, ...rest } = wish;
      return { ...rest, id: newId(), metadata: {}, ...(asked === undefined ? {} : { ttlSeconds: asked }) };
    }
    case "confirm": {
      const id = `r${wish.target}`;
      const part = wish.less === 0 ? {} : { quantity: Math.max(1, sizeOf(id) - wish.less) };
      return { type: "confirm", id, ...part, ...(wish.orderId === undefined ? {} : { orderId: wish.orderId }) };
    }
    case "extend":
      return {
        type: "extend",
        id: `r${wish.target}`,
        ...(wish.ttlSeconds === undefined ? {} : { ttlSeconds: wish.ttlSeconds }),
      };
    case "release":
      return { type: "release", id: `r${wish.target}` };
    case "return": {
      const part = wish.quantity === undefined ? {} : { quantity: wish.quantity };
      return { type: "return", id: `r${wish.target}`, restock: wish.restock, ...part };
    }
    case "adjust":
      return { ...wish, reason: "count" };
    case "update":
      return wish;
  }
}

/** The request of a command: a retried reserve has a new id but the same content, so the content leaves that out. */
export function requestOf(call: Call, command: Command): Request {
  const caller = call.actor.role === "shopper" ? call.actor.customer : call.actor.role;
  return {
    actor: call.actor,
    key: call.key === null ? null : `${caller}/${command.type}/${call.key}`,
    content: JSON.stringify(call.wish),
    command,
  };
}
