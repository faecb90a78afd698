import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import { add, giveBack, openDrop, pay, press, queueUp, see, takeForRival, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

const brief = { holdTtlSeconds: 3, maxHoldSeconds: 3 };

/** Makes the confirmation fail until it is let through. */
async function failToConfirm(page: Page): Promise<() => Promise<void>> {
  await page.route("**/confirm", (route) => route.abort());
  return () => page.unroute("**/confirm");
}

describe("a payment", () => {
  it("that the bank refuses leaves the pair held, and another card pays it", async () => {
    const drop = await openDrop(stage, { 41: 1 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Declined card");
    await see(page, "The bank declined this card.");
    const bank = page.getByRole("dialog");
    await bank.getByRole("radio", { name: "Valid card" }).check();
    await bank.getByRole("button", { name: /^Pay \$/ }).click();
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
  });

  it("that comes late is rescued while the pair is still there", async () => {
    const drop = await openDrop(stage, { 41: 1 }, brief);
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Slow bank");
    await see(page, "Your time ran out before the bank answered.");
    await see(page, "The pair was still there, so we kept it for you.");
    const { sold } = await stage.call<{ sold: number }>("GET", `/v1/skus/${drop.sku(41)}`);
    expect(sold).toBe(1);
  });

  it("that comes late goes back when somebody else has the pair, also after a reload", async () => {
    const drop = await openDrop(stage, { 41: 1 }, brief);
    const page = await visit(stage, drop, { phone: true });
    await add(page, drop.sku(41));
    await pay(page, "Slow bank");
    await takeForRival(stage, drop.sku(41));
    await page.getByRole("heading", { name: "Too late, sorry" }).waitFor();
    await see(page, "You get all of it back");
    await page.reload();
    await page.getByRole("heading", { name: "Too late, sorry" }).waitFor();
    await press(page, "OK");
    await page.getByRole("heading", { name: "Too late, sorry" }).waitFor({ state: "detached" });
  });

  it("that meets an outage can be made again, and is made once", async () => {
    const drop = await openDrop(stage, { 41: 2 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    const letThrough = await failToConfirm(page);
    await pay(page, "Valid card");
    await page.getByRole("alert").getByText("We cannot reach the shop.").waitFor();
    await letThrough();
    await press(page, "Try again");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    const { sold } = await stage.call<{ sold: number }>("GET", `/v1/skus/${drop.sku(41)}`);
    expect(sold).toBe(1);
  });

  it("that meets an outage is found again when its time is up, and nothing is given back meanwhile", async () => {
    const drop = await openDrop(stage, { 41: 1 }, { holdTtlSeconds: 12, maxHoldSeconds: 12 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    const letThrough = await failToConfirm(page);
    await pay(page, "Valid card");
    await page.getByRole("alert").getByText("We cannot reach the shop.").waitFor();
    await page.keyboard.press("Escape");
    const release = page.getByRole("button", { name: "Empty cart" });
    expect(await release.getAttribute("aria-disabled")).toBe("true");
    await page.getByRole("button", { name: "See the payment" }).waitFor();
    await see(page, "we could not reach the shop. Please try again.");
    await letThrough();
    await press(page, "See the payment");
    await press(page, "Try again");
    await see(page, "The pair was still there, so we kept it for you.");
  });

  it("for an offer is found again when the offer ran out", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 }, { offerTtlSeconds: 3 });
    const rival = await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await giveBack(stage, drop.sku(41), rival);
    const letThrough = await failToConfirm(page);
    await pay(page, "Valid card");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("button", { name: "No thanks" }).getAttribute("aria-disabled")).toBe("true");
    await see(page, "we could not reach the shop. Please try again.");
    await letThrough();
    await press(page, "See the payment");
    await press(page, "Try again");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
  });

  it("that goes back says so also to somebody who closed its window", async () => {
    const drop = await openDrop(stage, { 41: 1 }, brief);
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Slow bank");
    await page.keyboard.press("Escape");
    await page.evaluate(`{
      globalThis.wasLost = false;
      const look = () => { wasLost ||= document.querySelector('[aria-label="Time is up"]') !== null };
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    }`);
    await takeForRival(stage, drop.sku(41));
    await page.getByRole("heading", { name: "Too late, sorry" }).waitFor();
    await see(page, "had gone to someone else");
    expect(await page.evaluate("wasLost")).toBe(false);
  });

  it("that was not begun is closed when another tab has paid", async () => {
    const drop = await openDrop(stage, { 41: 2 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await press(page, /^Pay \$/);
    await page.getByRole("dialog").waitFor();
    await pay(tab, "Valid card");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
});
