import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import {
  add,
  choose,
  mark,
  openDrop,
  pay,
  press,
  pressTogether,
  see,
  seeSize,
  takeForRival,
  visit,
} from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

describe("the shop", () => {
  it("gives the last pair to exactly one of two shoppers, and tells the other where it is", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    const sku = drop.sku(41);
    const pages = await Promise.all([visit(stage, drop), visit(stage, drop, { phone: true })]);
    await Promise.all(pages.map((page) => choose(page, sku)));
    await pressTogether(pages, /^Add to cart/);

    const outcomes = await Promise.all(
      pages.map(async (page) => {
        const held = page.getByRole("heading", { name: "In your cart" });
        const lost = page.getByText("All in other carts, may come back");
        await held.or(lost).first().waitFor();
        return (await held.count()) > 0 ? "held" : "lost";
      }),
    );
    expect(outcomes.sort()).toEqual(["held", "lost"]);
    const { held, sold } = await stage.call<{ held: number; sold: number }>("GET", `/v1/skus/${sku}`);
    expect({ held, sold }).toEqual({ held: 1, sold: 0 });
  });

  it("says nothing of other carts to whoever gets the last pair, though the feed is faster than the answer", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    const page = await visit(stage, drop);
    let letGo = () => {};
    const answered = new Promise<void>((then) => {
      letGo = then;
    });
    await page.route("**/v1/carts", async (route) => {
      const response = await route.fetch();
      await answered;
      await route.fulfill({ response });
    });
    await choose(page, drop.sku(41));
    await press(page, /^Add to cart/);
    await seeSize(page, drop.sku(41), "Yours");
    expect(await page.getByTestId("stock").textContent()).toBe("Only 1 left!");
    await page.getByRole("button", { name: "Adding…" }).waitFor();
    letGo();
    await page.getByRole("heading", { name: "In your cart" }).waitFor();
  });

  it("turns to what others do while nobody touches it", async () => {
    const drop = await openDrop(stage, { 41: 2, 42: 9 }, { lowStockThreshold: 3 });
    const page = await visit(stage, drop);
    const isSame = await mark(page);
    await choose(page, drop.sku(41));
    await see(page, "Only 2 left!");
    await takeForRival(stage, drop.sku(41));
    await see(page, "Only 1 left!");
    await takeForRival(stage, drop.sku(41));
    await see(page, "All in other carts, may come back");
    await seeSize(page, drop.sku(41), "In carts");
    expect(await isSame()).toBe(true);
  });

  it("puts a pair back on both pages when its time runs out", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 }, { holdTtlSeconds: 3, maxHoldSeconds: 3 });
    const [holder, other] = await Promise.all([visit(stage, drop), visit(stage, drop)]);
    const areSame = await Promise.all([mark(holder), mark(other)]);
    await choose(other, drop.sku(41));
    await add(holder, drop.sku(41));
    await see(other, "All in other carts, may come back");
    await see(holder, "Pay soon, or it goes back on sale");

    await holder.getByRole("heading", { name: "Time’s up" }).waitFor();
    await seeSize(holder, drop.sku(41), "1 left");
    await seeSize(other, drop.sku(41), "1 left");
    await other.getByRole("button", { name: /^Add to cart/ }).waitFor();
    expect(await Promise.all(areSame.map((isSame) => isSame()))).toEqual([true, true]);
  });

  it("sells a pair with laces, and says no to a second pair", async () => {
    const drop = await openDrop(stage, { 41: 3, 42: 9 });
    const page = await visit(stage, drop, { phone: true });
    await choose(page, drop.sku(41));
    await page.getByRole("checkbox").check();
    await add(page, drop.sku(41));
    await see(page, "Waxed laces, 120 cm");
    await choose(page, drop.sku(42));
    const off = page.getByRole("button", { name: "Pay or remove what you hold first" });
    expect(await off.getAttribute("aria-disabled")).toBe("true");

    await pay(page, "Valid card");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    await see(page, "$198");
    await press(page, /^Add to cart/);
    await see(page, "One pair per person, and you have bought yours.");
    for (const sku of [drop.sku(41), `${drop.drop}-laces`]) {
      const { sold } = await stage.call<{ sold: number }>("GET", `/v1/skus/${sku}`);
      expect(sold).toBe(1);
    }
  });

  it("takes laces out of the cart, extends it, and gives it back", async () => {
    const drop = await openDrop(stage, { 41: 3, 42: 9 }, { holdTtlSeconds: 30, maxHoldSeconds: 32 });
    const page = await visit(stage, drop);
    await choose(page, drop.sku(41));
    await page.getByRole("checkbox").check();
    await add(page, drop.sku(41));
    await press(page, "Remove Waxed laces, 120 cm");
    await page.getByRole("button", { name: "Pay $184" }).waitFor();
    await page.waitForTimeout(2_100);
    await press(page, "Extend hold");
    await page.getByRole("button", { name: "Cannot be extended" }).waitFor();
    await press(page, "Empty cart");
    await page.getByRole("heading", { name: "In your cart" }).waitFor({ state: "detached" });
    await seeSize(page, drop.sku(41), "3 left");
  });

  it("finds a hold again after a reload, in another tab, and where the browser forgot which cart it was", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await page.reload();
    await page.getByRole("heading", { name: "In your cart" }).waitFor();
    await seeSize(page, drop.sku(41), "Yours");

    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await tab.getByRole("heading", { name: "In your cart" }).waitFor();
    await tab.evaluate(`localStorage["holdfast-shop"] = JSON.stringify({
      ...JSON.parse(localStorage["holdfast-shop"]), drops: {} })`);
    await tab.reload();
    await tab.getByRole("heading", { name: "In your cart" }).waitFor();
    await pay(tab, "Valid card");
    await tab.getByRole("heading", { name: "It’s yours." }).waitFor();
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
  });

  it("counts down to the opening by the service's clock, and opens by itself", async () => {
    const opensAt = new Date(Date.now() + 10_000).toISOString();
    const drop = await openDrop(stage, { 41: 1, 42: 9 }, { opensAt });
    const page = await stage.page("/problems/paused");
    await page.addInitScript("{ const now = Date.now; Date.now = () => now() + 3_600_000 }");
    // As Cloudflare's edge does, and the runtime by itself does not.
    await page.route("**/v1/**", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), date: new Date().toUTCString() } });
    });
    await page.goto(`${stage.url}/shop/?drop=${drop.drop}`);
    await see(page, "Sale opens in");
    await choose(page, drop.sku(41));
    await page.getByRole("button", { name: "Not open yet" }).waitFor();
    await page.getByRole("button", { name: /^Add to cart/ }).click();
    await page.getByRole("heading", { name: "In your cart" }).waitFor();
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(opensAt));
  });

  it("says so when there is no such drop", async () => {
    const page = await stage.page("/shop/?drop=nothing");
    await see(page, "Drop not found");
  });
});
