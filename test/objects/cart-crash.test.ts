import { afterEach, describe, expect, it, vi } from "vitest";
import { CART_DECISION_MS, LOCK_MS, TRY_MS } from "../../src/domain/bounds.ts";
import { CartCase } from "./cart-case.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** How many calls a cart makes until it is held, and until it is confirmed. */
const CALLS_TO_HOLD = 6;
const CALLS_TO_CONFIRM = 4;

describe("a cart whose calls get lost", () => {
  it("[CRT2] makes as many calls as these tests take away", async () => {
    const made = await CartCase.make();
    expect((await made.open()).ok).toBe(true);
    expect(made.calls).toBe(CALLS_TO_HOLD);
    expect((await made.act({ type: "confirm", orderId: "o" })).ok).toBe(true);
    expect(made.calls).toBe(CALLS_TO_HOLD + CALLS_TO_CONFIRM);
    expect(await made.holds()).toEqual({ held: 0, sold: 2 });
  });

  for (const failing of ["before", "after"] as const) {
    for (let at = 0; at < CALLS_TO_HOLD; at++) {
      it(`[CRT2] is held all the same when call ${at} is lost ${failing} its effect`, async () => {
        const made = await CartCase.make();
        made.failCall(at, failing);
        expect(await made.open()).toMatchObject({ ok: true, cart: { status: "held" } });
        expect(await made.holds()).toEqual({ held: 2, sold: 0 });
      });
    }

    for (let at = CALLS_TO_HOLD; at < CALLS_TO_HOLD + CALLS_TO_CONFIRM; at++) {
      it(`[CRT2] is sold whole all the same when call ${at} is lost ${failing} its effect`, async () => {
        const made = await CartCase.make();
        made.failCall(at, failing);
        await made.open();
        expect(await made.act({ type: "confirm", orderId: "o" })).toMatchObject({
          ok: true,
          cart: { status: "confirmed" },
        });
        expect(await made.holds()).toEqual({ held: 0, sold: 2 });
      });
    }
  }
});

/** What comes of a call whose object dies under it: nothing that anybody hears of. */
async function cutOff(call: Promise<unknown>): Promise<void> {
  await call.then(
    () => expect.unreachable("the cart answered after its death"),
    () => undefined,
  );
}

describe("a cart whose object dies", () => {
  for (let at = 0; at < CALLS_TO_HOLD; at++) {
    it(`[CRT2] under call ${at} of its opening ends wholly held or wholly released, by its alarm alone`, async () => {
      const made = await CartCase.make();
      made.failCall(at, "crash");
      await cutOff(made.open());
      await made.pass(CART_DECISION_MS);
      const cart = await made.look();
      if (cart !== null) expect(cart.status).toBe("held");
      expect(await made.holds()).toEqual({ held: cart === null ? 0 : 2, sold: 0 });
    });

    it(`[CRT14] under call ${at} of its opening is met again by the same opening`, async () => {
      const made = await CartCase.make();
      made.failCall(at, "crash");
      await cutOff(made.open());
      expect(await made.open()).toMatchObject({ ok: true, cart: { status: "held" } });
      expect(await made.holds()).toEqual({ held: 2, sold: 0 });
    });
  }

  for (let at = CALLS_TO_HOLD; at < CALLS_TO_HOLD + CALLS_TO_CONFIRM; at++) {
    it(`[CRT8] under call ${at}, of its confirmation, is sold whole by its alarm, however late that is`, async () => {
      const made = await CartCase.make();
      await made.open();
      made.failCall(at, "crash");
      await cutOff(made.act({ type: "confirm", orderId: "o" }));
      // Longer than the hold and the lock: its lines must not expire while nobody has heard of the cart.
      await made.pass(LOCK_MS - 1000, true);
      await made.pass(0);
      expect(await made.look()).toMatchObject({ status: "confirmed", orderId: "o" });
      expect(await made.holds()).toEqual({ held: 0, sold: 2 });
    });
  }

  it("[CRT2] leaves units that it had set aside to lapse by themselves, should it never come back", async () => {
    const made = await CartCase.make();
    made.failCall(3, "crash");
    await cutOff(made.open());
    expect((await made.holds()).held).toBe(2);
    await made.pass(TRY_MS, true);
    expect(await made.holds()).toEqual({ held: 0, sold: 0 });
  });

  it("[CRT8] is asked by its SKUs what became of lines that are locked for long", async () => {
    const made = await CartCase.make();
    await made.open();
    // The second confirmation never arrives: one line is sold, the other is locked and knows nothing.
    made.failCall(CALLS_TO_HOLD + CALLS_TO_CONFIRM - 1, "crash");
    await cutOff(made.act({ type: "confirm", orderId: "o" }));
    await made.pass(LOCK_MS, true);
    await expect.poll(() => made.holds()).toEqual({ held: 0, sold: 2 });
  });
});
