import { describe, expect, it } from "vitest";
import { LOCK_MS } from "../../src/domain/bounds.ts";
import { CartCase } from "./cart-case.ts";
import { describeLosses } from "./cart-losses.ts";
import { confirm, expired, HELD, NOTHING, takeLimited } from "./cart-stories.ts";

for (const story of HELD) describeLosses(story, "before", "after", "crash");

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
