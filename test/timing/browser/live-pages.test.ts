import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "../../browser/browser.ts";
import { Operator } from "../../browser/operator.ts";
import { choose, openDrop, see, seeSize, visit } from "../../browser/shop-floor.ts";
import { ownStage } from "../../browser/stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await ownStage();
});
afterAll(() => stage.close());

describe("an operator and a shopper", () => {
  it("see a SKU paused and resumed, the shopper within a second of the operator's press", async () => {
    const drop = await openDrop(stage, { 41: 3, 42: 3 });
    const sku = drop.sku(41);
    const [operator, shopper] = await Promise.all([Operator.signIn(stage, `#/skus/${sku}`), visit(stage, drop)]);
    await choose(shopper, sku);

    await operator.press("Pause");
    await operator.press("Pause", operator.dialog);
    const pressedAt = performance.now();
    await see(shopper, "The sale is paused");
    expect(performance.now() - pressedAt).toBeLessThan(1000);
    await seeSize(shopper, sku, "Paused");
    await seeSize(shopper, drop.sku(42), "3 left");

    await operator.press("Resume");
    await operator.press("Resume", operator.dialog);
    await seeSize(shopper, sku, "3 left");
    await shopper.getByRole("button", { name: /^Add to cart/ }).waitFor();
  });

  it("are live: what a shopper takes is in the console within a second", async () => {
    const sku = (await openDrop(stage, { 43: 20 })).sku(43);
    const operator = await Operator.signIn(stage);
    const row = operator.page.locator(`tr[data-sku="${sku}"]`);
    await operator.page.locator('[data-connection="live"]').waitFor();
    await row.getByText("20", { exact: true }).first().waitFor();
    const reservation = { quantity: 1, customer: "alice" };
    await stage.call("POST", `/v1/skus/${sku}/reservations`, reservation, stage.storefront);
    const since = performance.now();
    await row.getByText("19", { exact: true }).waitFor();
    expect(performance.now() - since).toBeLessThan(1000);
  });
});
