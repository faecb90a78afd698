import { afterEach, describe, expect, it, vi } from "vitest";
import type { CartRequest } from "../../src/domain/cart-requests.ts";
import { CartCase } from "./cart-case.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const ASKS: CartRequest["ask"][] = [
  { type: "extend", ttlSeconds: 1200 },
  { type: "release" },
  { type: "confirm", orderId: "o" },
];

/** What comes of a call whose object dies under it: nothing that anybody hears of. */
async function cutOff(call: Promise<unknown>): Promise<void> {
  await call.then(
    () => expect.unreachable("the cart answered after its death"),
    () => undefined,
  );
}

describe("the key of an ask of a cart", () => {
  it.each(ASKS)("[IDM5] is answered though the object died under it and went on by itself: $type", async (ask) => {
    const made = await CartCase.make();
    await made.open();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    made.failCall(made.calls, "crash");
    await cutOff(made.act(ask, "k"));
    await made.pass(6_000);
    const first = await made.look();
    // Later the same ask would do more, or less: the key tells what it did.
    await made.pass(60_000);
    const again = await made.act(ask, "k");
    expect(again).toMatchObject({ ok: true, replayed: true, cart: { version: first?.version, status: first?.status } });
    expect((await made.look())?.version).toBe(first?.version);
    expect(await made.act({ ...ask, type: "release" }, "k")).toMatchObject(
      ask.type === "release" ? { ok: true } : { ok: false, refusal: { code: "idempotency-key-reused" } },
    );
  });

  it("[IDM6] is free again when the ask came to nothing", async () => {
    const made = await CartCase.make();
    await made.open();
    await made.pass(900_001 + 3_000);
    await made.plain.run({ type: "adjust", delta: -2, reason: "gone" });
    await made.limited.run({ type: "adjust", delta: -2, reason: "gone" });
    expect(await made.act({ type: "confirm", orderId: "o" }, "k")).toMatchObject({ refusal: { code: "hold-expired" } });
    expect(await made.act({ type: "confirm", orderId: "other" }, "k")).toMatchObject({
      refusal: { code: "hold-expired" },
    });
  });
});
