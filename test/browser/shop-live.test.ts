import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import type { Stage } from "./browser.ts";
import { choose, isLive, openDrop, press, see, takeForRival, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
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

describe("a shop whose socket is cut", () => {
  it("asks for the stock instead, says so, and is live again by itself", async () => {
    const drop = await openDrop(stage, { 41: 3 });
    const page = await stage.page("/problems/paused");
    await page.addInitScript(CUTTABLE);
    await page.goto(`${stage.url}/shop/?drop=${drop.drop}`);
    await isLive(page);
    await choose(page, drop.sku(41));
    await page.evaluate("cutSockets(true)");
    await see(page, "Live updates are off. Checking every few seconds.");
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
