import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import { isLive, openDrop, see, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

/** Leaves the page a token that it takes for good and the service does not. */
async function spoilToken(page: Page): Promise<void> {
  await page.evaluate(`{
    const claims = btoa(JSON.stringify({ role: "shopper", sub: "nobody", exp: Date.now() / 1000 + 3600 }));
    localStorage["holdfast-shop"] = JSON.stringify({ token: "e30." + claims + ".e30", customer: "nobody" });
  }`);
}

describe("a visitor", () => {
  it("is asked for once, and not again while the token is good", async () => {
    const drop = await openDrop(stage, { 41: 1 });
    const page = await stage.page("/problems/paused");
    let asked = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/demo/session")) asked += 1;
    });
    await page.goto(`${stage.url}/shop/?drop=${drop.drop}`);
    await isLive(page);
    const first = asked;
    await page.reload();
    await isLive(page);
    expect(asked).toBe(first);
  });

  it("whom the service does not know any more comes in as somebody else", async () => {
    const page = await visit(stage, await openDrop(stage, { 41: 1 }));
    await spoilToken(page);
    await page.reload();
    await isLive(page);
    expect(await page.evaluate(`JSON.parse(localStorage["holdfast-shop"]).customer`)).toMatch(/^guest-/);
  });

  it("learns that there is no demo any more", async () => {
    const page = await visit(stage, await openDrop(stage, { 41: 1 }));
    await spoilToken(page);
    await page.route("**/demo/session", (route) => route.fulfill({ status: 404, body: "" }));
    await page.reload();
    await see(page, "The demo is switched off");
  });
});
