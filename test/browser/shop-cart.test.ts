import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import {
  add,
  choose,
  isLive,
  openDrop,
  pay,
  press,
  see,
  seeSize,
  takeForRival,
  takeReturn,
  visit,
} from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

const brief = { holdTtlSeconds: 3, maxHoldSeconds: 3 };

describe("a cart", () => {
  it("is one for each drop", async () => {
    const [first, second] = await Promise.all([openDrop(stage, { 41: 1 }), openDrop(stage, { 41: 1 })]);
    const page = await visit(stage, first);
    await add(page, first.sku(41));
    await page.goto(`${stage.url}/shop/?drop=${second.drop}`);
    await isLive(page);
    await add(page, second.sku(41));
    await page.getByRole("button", { name: "Pay $184" }).waitFor();
    await page.goto(`${stage.url}/shop/?drop=${first.drop}`);
    await page.getByRole("heading", { name: "In your cart" }).waitFor();
    await page.getByRole("button", { name: "Pay $184" }).waitFor();
  });

  it("that was paid stays in sight while another one is opened, where the limit allows it", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 1, 43: 1 }, { perCustomerLimit: 2 });
    const page = await visit(stage, drop);
    const orders = page.getByRole("heading", { name: "It’s yours." });
    await add(page, drop.sku(41));
    await pay(page, "Valid card");
    await orders.waitFor();
    await add(page, drop.sku(42));
    expect(await orders.count()).toBe(1);
    await pay(page, "Valid card");
    await expect.poll(() => orders.count()).toBe(2);
    await choose(page, drop.sku(43));
    await press(page, /^Add to cart/);
    await see(page, "At most 2 pairs per person, and you have bought yours.");
    await page.reload();
    await isLive(page);
    await expect.poll(() => orders.count()).toBe(2);
  });

  it("whose order was returned is the visitor's no more, and the pair can be bought again", async () => {
    const drop = await openDrop(stage, { 41: 1 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Valid card");
    const order = page.getByRole("heading", { name: "It’s yours." });
    await order.waitFor();
    await takeReturn(stage, drop.sku(41));
    await order.waitFor({ state: "detached" });
    await page.reload();
    await isLive(page);
    await add(page, drop.sku(41));
    expect(await order.count()).toBe(0);
  });

  it("that ended does not come back once the visitor is done with it", async () => {
    const drop = await openDrop(stage, { 41: 2 }, brief);
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    const ended = page.getByRole("heading", { name: "Time’s up" });
    await ended.waitFor();
    await page.reload();
    await ended.waitFor();
    await press(page, "Never mind");
    await page.reload();
    await isLive(page);
    await choose(page, drop.sku(41));
    await takeForRival(stage, drop.sku(41));
    await seeSize(page, drop.sku(41), "1 left");
    expect(await ended.count()).toBe(0);
  });
});
