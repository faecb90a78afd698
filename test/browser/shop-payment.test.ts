import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage } from "./browser.ts";
import { add, openDrop, pay, press, see, takeForRival, visit } from "./shop-floor.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const brief = { holdTtlSeconds: 3, maxHoldSeconds: 3 };

describe("a payment", () => {
  it("that the bank refuses leaves the pair held, and another card pays it", async () => {
    const drop = await openDrop(stage, { 41: 1 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Card without money");
    await see(page, "The bank said no to that card.");
    const bank = page.getByRole("dialog");
    await bank.getByRole("radio", { name: "Card that works" }).check();
    await bank.getByRole("button", { name: /^Pay \$/ }).click();
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
  });

  it("that comes late is rescued while the pair is still there", async () => {
    const drop = await openDrop(stage, { 41: 1 }, brief);
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Bank that dozes");
    await see(page, "Your time ran out before the bank answered.");
    await see(page, "The pair was still there, so we kept it for you.");
    const { sold } = await stage.call<{ sold: number }>("GET", `/v1/skus/${drop.sku(41)}`);
    expect(sold).toBe(1);
  });

  it("that comes late goes back when somebody else has the pair, also after a reload", async () => {
    const drop = await openDrop(stage, { 41: 1 }, brief);
    const page = await visit(stage, drop, { phone: true });
    await add(page, drop.sku(41));
    await pay(page, "Bank that dozes");
    await takeForRival(stage, drop.sku(41));
    await page.getByRole("heading", { name: "Too late, and we’re sorry" }).waitFor();
    await see(page, "You get all of it back");
    await page.reload();
    await page.getByRole("heading", { name: "Too late, and we’re sorry" }).waitFor();
    await press(page, "All right");
    await page.getByRole("heading", { name: "Too late, and we’re sorry" }).waitFor({ state: "detached" });
  });

  it("that meets an outage can be made again, and is made once", async () => {
    const drop = await openDrop(stage, { 41: 2 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await page.route("**/confirm", (route) => route.abort());
    await pay(page, "Card that works");
    await page.getByRole("alert").getByText("We cannot reach the till.").waitFor();
    await page.unroute("**/confirm");
    await press(page, "Try again");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    const { sold } = await stage.call<{ sold: number }>("GET", `/v1/skus/${drop.sku(41)}`);
    expect(sold).toBe(1);
  });
});
