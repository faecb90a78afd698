import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage } from "./browser.ts";
import { choose, isLive, openDrop, pay, press, see, takeForRival, visit } from "./shop-floor.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

/** Gives the page sockets that can be cut, with calls that still get through: `cutSockets(true)` and back. */
const CUTTABLE = `{
  const Real = WebSocket, all = new Set();
  let isCut = false;
  globalThis.WebSocket = class extends Real {
    constructor(url, protocols) {
      super(isCut ? "ws://127.0.0.1:9/" : url, protocols);
      all.add(this);
    }
  };
  globalThis.cutSockets = (cut) => {
    isCut = cut;
    if (cut) for (const socket of all) socket.close();
  };
}`;

/** Somebody has the only pair, and gives it back. */
async function giveBack(sku: string, id: string): Promise<void> {
  await stage.call("POST", `/v1/skus/${sku}/reservations/${id}/release`, {}, stage.storefront);
}

async function queueUp(page: Page, sku: string): Promise<void> {
  await choose(page, sku);
  await press(page, "Join the waitlist");
  await page.getByRole("heading", { name: "You’re in line for EU 41" }).waitFor();
}

describe("a shop whose socket is cut", () => {
  it("asks for the stock instead, says so, and is live again by itself", async () => {
    const drop = await openDrop(stage, { 41: 3 });
    const page = await stage.page("/problems/paused");
    await page.addInitScript(CUTTABLE);
    await page.goto(`${stage.url}/shop/?drop=${drop.drop}`);
    await isLive(page);
    await choose(page, drop.sku(41));
    await page.evaluate("cutSockets(true)");
    await see(page, "Live updates are cut. Checking every few seconds.");
    await takeForRival(stage, drop.sku(41));
    await see(page, "Only 2 left!");

    await press(page, /^Add to cart/);
    await page.getByRole("heading", { name: "In your cart" }).waitFor();
    await page.evaluate("cutSockets(false)");
    await isLive(page);
    await takeForRival(stage, drop.sku(41));
    await page
      .locator(`[data-sku="${drop.sku(41)}"]`)
      .getByText("Yours")
      .waitFor();
  });

  it("says that it is offline, keeps what is held, and comes back", async () => {
    const drop = await openDrop(stage, { 41: 3 });
    const page = await visit(stage, drop);
    await page.context().setOffline(true);
    await see(page, "You’re offline. What you see may be old.");
    await page.context().setOffline(false);
    await isLive(page);
  });
});

describe("a waitlist", () => {
  it("shows the place in line, and an offer that is paid in time", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    const rival = await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await see(page, "You are next");
    await giveBack(drop.sku(41), rival);
    await page.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor();
    await pay(page, "Card that works");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    expect(await page.getByRole("heading", { name: "It’s yours." }).count()).toBe(1);
  });

  it("passes an offer on that is declined, and lets people leave", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    const rival = await takeForRival(stage, drop.sku(41));
    const first = await visit(stage, drop);
    await queueUp(first, drop.sku(41));
    const second = await visit(stage, drop, { phone: true });
    await queueUp(second, drop.sku(41));
    await see(second, "your place in line");
    const third = await visit(stage, drop);
    await queueUp(third, drop.sku(41));
    await press(third, "Leave the line");
    await third.getByRole("heading", { name: "You’re in line for EU 41" }).waitFor({ state: "detached" });

    await giveBack(drop.sku(41), rival);
    await press(first, "No thanks, pass it on");
    await second.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor();
    await first.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor({ state: "detached" });
  });

  it("says when an offer ran out", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 }, { offerTtlSeconds: 2 });
    const rival = await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await giveBack(drop.sku(41), rival);
    await see(page, "Your offer ran out and went to the next one in line.");
  });
});
