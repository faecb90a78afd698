import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import type { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";
import { choose, openDrop, seeSize, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

describe("an operator and a shopper", () => {
  it("see stock that the operator puts in, and that the shopper takes out", async () => {
    const drop = await openDrop(stage, { 41: 1 });
    const sku = drop.sku(41);
    const [operator, shopper] = await Promise.all([Operator.signIn(stage, `#/skus/${sku}`), visit(stage, drop)]);
    await choose(shopper, sku);
    await operator.press("Adjust stock");
    await operator.fill({ Units: "1", Reason: "one more box" });
    await operator.press("Put 1 unit in", operator.dialog);
    await seeSize(shopper, sku, "2 left");
    await shopper.getByRole("button", { name: /^Add to cart/ }).click();
    await operator.sees("Held", "1");
    await operator.sees("Available", "1");
  });
});
