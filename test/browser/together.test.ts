import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";
import { choose, openDrop, see, seeSize, visit } from "./shop-floor.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
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

  it("see a SKU paused and resumed, the shopper within a second of the operator's press", async () => {
    const drop = await openDrop(stage, { 41: 3, 42: 3 });
    const sku = drop.sku(41);
    const [operator, shopper] = await Promise.all([Operator.signIn(stage, `#/skus/${sku}`), visit(stage, drop)]);
    await choose(shopper, sku);

    await operator.press("Pause");
    await operator.press("Pause", operator.dialog);
    const pressedAt = performance.now();
    await see(shopper, "The sale is paused for a moment");
    expect(performance.now() - pressedAt).toBeLessThan(1000);
    await seeSize(shopper, sku, "Paused");
    await seeSize(shopper, drop.sku(42), "3 left");

    await operator.press("Resume");
    await operator.press("Resume", operator.dialog);
    await seeSize(shopper, sku, "3 left");
    await shopper.getByRole("button", { name: /^Add to cart/ }).waitFor();
  });
});
