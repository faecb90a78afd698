import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import { giveBack, openDrop, pay, press, queueUp, see, takeForRival, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

describe("a waitlist", () => {
  it("shows the place in line, and an offer that is paid in time", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    const rival = await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await see(page, "You are next");
    await giveBack(stage, drop.sku(41), rival);
    await page.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor();
    await pay(page, "Valid card");
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

    await giveBack(stage, drop.sku(41), rival);
    await press(first, "No thanks");
    await second.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor();
    await first.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor({ state: "detached" });
  });

  it("says when an offer ran out", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 }, { offerTtlSeconds: 2 });
    const rival = await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await giveBack(stage, drop.sku(41), rival);
    await see(page, "Your offer ran out and went to the next one in line.");
  });

  it("can be joined again after an offer was declined, and the new place is shown", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    const rival = await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await giveBack(stage, drop.sku(41), rival);
    await press(page, "No thanks");
    await page.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor({ state: "detached" });
    await takeForRival(stage, drop.sku(41));
    await queueUp(page, drop.sku(41));
    await see(page, "You are next");
  });

  it("can be joined again after an offer ran out, and the new place is shown", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 }, { offerTtlSeconds: 2 });
    const rival = await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await giveBack(stage, drop.sku(41), rival);
    await see(page, "Your offer ran out and went to the next one in line.");
    await takeForRival(stage, drop.sku(41));
    await queueUp(page, drop.sku(41));
    await see(page, "You are next");
  });

  it("shows the new place to somebody who left and comes back, at once", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 9 });
    await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    await press(page, "Leave the line");
    await page.getByRole("heading", { name: "You’re in line for EU 41" }).waitFor({ state: "detached" });
    await queueUp(page, drop.sku(41));
    await see(page, "You are next");
  });
});
