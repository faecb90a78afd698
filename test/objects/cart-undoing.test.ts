import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CART_DECISION_MS, LOCK_MS } from "../../src/domain/bounds.ts";
import { allowanceOf } from "../domain/sale.ts";
import { CartCase } from "./cart-case.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Story {
  name: string;
  /** What comes before the calls that get lost. */
  before(made: CartCase): Promise<unknown>;
  act(made: CartCase): Promise<unknown>;
  /** How many calls that takes. */
  calls: number;
  /** How the cart ends, null: it was never there. */
  ends: string | null;
  holds: { held: number; sold: number };
  events: string[];
}

async function expired(made: CartCase): Promise<void> {
  await made.open();
  await made.pass(900_000);
}

const takeLimited = (made: CartCase) => made.limited.run({ type: "adjust", delta: -2, reason: "gone" });
const confirm = (made: CartCase) => made.act({ type: "confirm", orderId: "o" });

const NOTHING = { held: 0, sold: 0 };

const STORIES: Story[] = [
  {
    name: "an extension",
    before: (made) => made.open(),
    act: (made) => made.act({ type: "extend", ttlSeconds: 1500 }),
    calls: 2,
    ends: "held",
    holds: { held: 2, sold: 0 },
    events: ["cart.held", "cart.extended"],
  },
  {
    name: "a release",
    before: (made) => made.open(),
    act: (made) => made.act({ type: "release" }),
    calls: 2,
    ends: "released",
    holds: NOTHING,
    events: ["cart.held", "cart.released"],
  },
  {
    name: "a late payment",
    before: expired,
    act: confirm,
    calls: 5,
    ends: "confirmed",
    holds: { held: 0, sold: 2 },
    events: ["cart.held", "cart.expired", "cart.confirmed"],
  },
  {
    name: "a late payment that is refunded",
    before: async (made) => {
      await expired(made);
      await takeLimited(made);
    },
    act: confirm,
    calls: 6,
    ends: "expired",
    holds: NOTHING,
    events: ["cart.held", "cart.expired", "cart.refund_required"],
  },
  {
    name: "a late payment that the drop's limit does not allow",
    before: async (made) => {
      await expired(made);
      await claimElsewhere(made);
    },
    act: confirm,
    calls: 8,
    ends: "expired",
    holds: NOTHING,
    events: ["cart.held", "cart.expired", "cart.refund_required"],
  },
  {
    name: "an opening without stock",
    before: takeLimited,
    act: (made) => made.open(),
    calls: 2,
    ends: null,
    holds: NOTHING,
    events: [],
  },
  {
    name: "an opening that the drop's limit does not allow",
    before: claimElsewhere,
    act: (made) => made.open(),
    calls: 6,
    ends: null,
    holds: NOTHING,
    events: [],
  },
];

/** The customer has what the drop allows in a size that cannot be asked. */
function claimElsewhere({ drop, customer }: CartCase): Promise<unknown> {
  const claim = { id: "elsewhere", customer, sku: "another-size", units: 1, version: 1, limit: 1 };
  return env.ALLOWANCE.getByName(allowanceOf(drop, customer)).claim([claim]);
}

async function expectEnd(made: CartCase, { ends, holds, events }: Story): Promise<void> {
  // Where its object died, the alarm leaves it to go on by itself.
  const status = async () => (await made.look())?.status ?? null;
  await expect.poll(status, { timeout: 5000 }).toBe(ends);
  const cart = await made.look();
  expect(await made.holds()).toEqual(holds);
  if (ends === "expired") {
    expect(cart).toMatchObject({ refunds: [{ code: "hold-expired" }] });
    for (const sale of [made.plain, made.limited]) {
      const due = () => sale.count("event", "type = 'reservation.refund_required'");
      await expect.poll(due, { timeout: 5000 }).toBe(1);
    }
  }
  for (const sale of [made.plain, made.limited]) {
    for (const { expires_at } of await sale.rows<{ expires_at: number }>(
      "SELECT expires_at FROM reservation WHERE status = 'held'",
    )) {
      // A line lasts from when it hears of it.
      expect(expires_at).toBeGreaterThanOrEqual(cart?.expiresAt ?? 0);
    }
    await sale.audit();
  }
  const query = "SELECT type FROM event WHERE stream = ? ORDER BY sequence";
  const told = async () => (await env.DB.prepare(query).bind(`cart/${made.id}`).all()).results.map(({ type }) => type);
  await expect.poll(told, { timeout: 5000 }).toEqual(events);
}

describe.each(STORIES)("$name", (story) => {
  const places = Array.from({ length: story.calls }, (_none, at) => at);

  it("[CRT2] makes as many calls as these tests take away", async () => {
    const made = await CartCase.make();
    await story.before(made);
    const before = made.calls;
    await story.act(made);
    expect(made.calls - before).toBe(story.calls);
    await expectEnd(made, story);
  });

  it.each(places)("[CRT2] ends the same when call %i is lost before its effect", async (at) => {
    const made = await CartCase.make();
    await story.before(made);
    made.failCall(made.calls + at, "before");
    await story.act(made);
    await expectEnd(made, story);
  });

  it.each(places)("[CRT2] ends the same when the answer to call %i is lost", async (at) => {
    const made = await CartCase.make();
    await story.before(made);
    made.failCall(made.calls + at, "after");
    await story.act(made);
    await expectEnd(made, story);
  });

  it.each(places)("[CRT2] ends the same by the cart's alarm alone when it dies under call %i", async (at) => {
    const made = await CartCase.make();
    await story.before(made);
    made.failCall(made.calls + at, "crash");
    await story.act(made).then(
      () => expect.unreachable("the cart answered after its death"),
      () => undefined,
    );
    await made.pass(CART_DECISION_MS);
    await expectEnd(made, story);
  });
});

describe("a line that was locked for a payment that came to nothing", () => {
  it("[CRT8] is given up by its SKU, which asks the cart after a minute", async () => {
    const made = await CartCase.make();
    await expired(made);
    await takeLimited(made);
    // Both lines are to be unlocked: the message to the one that was locked is lost, and the cart dies under the other.
    const [ofPlain, ofLimited] = made.plain.name < made.limited.name ? [2, 3] : [3, 2];
    made.failCall(made.calls + ofPlain, "before");
    made.failCall(made.calls + ofLimited, "crash");
    await confirm(made).catch(() => undefined);
    expect(await made.holds()).toEqual({ held: 1, sold: 0 });
    await made.pass(LOCK_MS - 1, true);
    expect(await made.holds()).toEqual({ held: 1, sold: 0 });
    await made.pass(1, true);
    await expect.poll(() => made.holds()).toEqual(NOTHING);
    await made.pass(0);
    expect(await made.look()).toMatchObject({ status: "expired", refunds: [{ code: "hold-expired" }] });
  });
});
