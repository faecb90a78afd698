import { afterEach, describe, expect, it, vi } from "vitest";
import { CartCase } from "./cart-case.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const HOLD_MS = 900_000;
const confirm = (made: CartCase) => made.act({ type: "confirm", orderId: "o" });

/** A cart whose first line was given back in time, and which has ended before it heard of that. */
async function endedDeaf(): Promise<CartCase> {
  const made = await CartCase.make();
  await made.open();
  made.isDeaf = true;
  const id = (await made.look())?.lines.find(({ sku }) => sku === made.plain.name)?.reservation ?? "";
  expect(await made.plain.run({ type: "release", id })).toMatchObject({
    ok: true,
    reservation: { status: "released" },
  });
  await made.pass(HOLD_MS);
  expect(await made.look()).toMatchObject({ status: "expired", phase: "ended" });
  return made;
}

function stateOfGivenBack(made: CartCase) {
  return made.look().then((cart) => cart?.lines.find(({ sku }) => sku === made.plain.name)?.state);
}

describe("a line given back in time, whose news reach the cart after its end", () => {
  it("[CRT6] [CRT20] is no part of a late payment that comes before the news", async () => {
    const made = await endedDeaf();
    expect(await confirm(made)).toMatchObject({ ok: true, cart: { status: "confirmed", rescued: true } });
    expect(await stateOfGivenBack(made)).toBe("gone");
    expect(await made.holds()).toEqual({ held: 0, sold: 1 });
  });

  it("[CRT6] [CRT20] is missed once they come, remembered, and no part of a late payment", async () => {
    const made = await endedDeaf();
    expect(await stateOfGivenBack(made)).toBe("held");
    made.isDeaf = false;
    await vi.waitFor(async () => {
      await made.pass(1000);
      expect(await stateOfGivenBack(made)).toBe("gone");
    }, 5000);
    await made.crash();
    expect(await stateOfGivenBack(made)).toBe("gone");
    expect(await confirm(made)).toMatchObject({ ok: true, cart: { status: "confirmed", rescued: true } });
    expect(await made.holds()).toEqual({ held: 0, sold: 1 });
  });
});
