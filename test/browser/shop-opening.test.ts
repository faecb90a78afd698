import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ANNOUNCE_MS_MIN } from "../../src/web/shop/announcements.ts";
import type { Stage } from "./browser.ts";
import { choose, type Drop, openDrop, see, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

/** Notes what is said last and from now on, for `saidOn`. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(`{
    const place = document.querySelector("[data-testid=announcer]");
    globalThis.said = [place.textContent];
    new MutationObserver(() => said.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true });
  }`);
}

async function saidOn(page: Page): Promise<string[]> {
  return page.evaluate("said");
}

async function change({ drop }: Drop, body: object): Promise<void> {
  await stage.call("PATCH", `/v1/drops/${drop}`, body);
}

describe("the opening", () => {
  it("that is moved while somebody waits is counted down to anew, with the sizes in sight", async () => {
    const drop = await openDrop(stage, { 41: 1 }, { opensAt: inSeconds(10) });
    const page = await visit(stage, drop);
    await see(page, "Sale opens in");
    await change(drop, { opensAt: inSeconds(3 * 3600) });
    await see(page, "Opening…");
    await page.locator(".opening").getByText("hours").waitFor();
    await page.getByRole("radio").first().waitFor();
  });

  it("is said when it has come, and not when the drop is paused before", async () => {
    const drop = await openDrop(stage, { 41: 1 }, { opensAt: inSeconds(3600) });
    const page = await visit(stage, drop);
    await listen(page);
    await choose(page, drop.sku(41));
    await change(drop, { paused: true });
    await page.getByRole("button", { name: "The sale is paused" }).waitFor();
    await change(drop, { paused: false });
    await see(page, "Sale opens in");
    await expect.poll(() => saidOn(page)).toContain("EU 41: Not open yet");
    // What came up before it has been said by then.
    await page.waitForTimeout(ANNOUNCE_MS_MIN + 500);
    expect(await saidOn(page)).not.toContain("The drop is open.");
    await change(drop, { opensAt: inSeconds(1) });
    await expect.poll(() => saidOn(page)).toContain("The drop is open.");
  });

  it("of a drop with more sizes than one socket carries shows as many as it does", async () => {
    const sizes = Object.fromEntries(Array.from({ length: 52 }, (_, index) => [index + 1, 1]));
    const page = await visit(stage, await openDrop(stage, sizes));
    expect(await page.getByRole("radio").count()).toBe(49);
  });
});
