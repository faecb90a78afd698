import type { Page } from "playwright-core";
import type { Stage } from "./browser.ts";
import { add, choose, giveBack, openDrop, pay, queueUp, see, takeForRival, visit } from "./shop-floor.ts";

/** Far enough for days, hours, minutes and seconds: the widest that the time until the opening can be. */
const inTwelveDays = () => new Date(Date.now() + 12 * 86_400_000 + 7_200_000).toISOString();

/** What a shopper can come to see, each with somebody who sees it. */
export const states: Record<string, (stage: Stage) => Promise<Page>> = {
  "a choice": async (stage) => {
    const drop = await openDrop(stage, { 40: 3, 41: 9, 42: 9 });
    const page = await visit(stage, drop);
    await choose(page, drop.sku(40));
    return page;
  },
  "a cart": async (stage) => {
    const drop = await openDrop(stage, { 40: 3, 41: 9 });
    const page = await visit(stage, drop);
    await page.getByRole("checkbox").check();
    await add(page, drop.sku(41));
    return page;
  },
  "a place in line": async (stage) => {
    const drop = await openDrop(stage, { 40: 3, 41: 1 });
    await takeForRival(stage, drop.sku(41));
    const page = await visit(stage, drop);
    await queueUp(page, drop.sku(41));
    return page;
  },
  "an offer and a cart": visitWithOfferAndCart,
  "a drop that is not open yet": async (stage) => {
    const page = await visit(stage, await openDrop(stage, { 40: 3, 41: 9 }, { opensAt: inTwelveDays() }));
    await see(page, "Sale opens in");
    return page;
  },
  "a drop that has closed": async (stage) => {
    const closesAt = new Date(Date.now() + 2_000).toISOString();
    const page = await visit(stage, await openDrop(stage, { 40: 3, 41: 9 }, { closesAt }));
    await see(page, "Over");
    return page;
  },
  "a drop that is paused": async (stage) => {
    const drop = await openDrop(stage, { 40: 3, 41: 9 });
    const page = await visit(stage, drop);
    await choose(page, drop.sku(40));
    await stage.call("PATCH", `/v1/drops/${drop.drop}`, { paused: true });
    await see(page, "Paused");
    return page;
  },
  "an order": async (stage) => {
    const drop = await openDrop(stage, { 40: 3, 41: 9 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Valid card");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    return page;
  },
};

/** With an offer that has just been made, and a cart. */
export async function visitWithOfferAndCart(stage: Stage): Promise<Page> {
  const drop = await openDrop(stage, { 41: 1, 42: 9 }, { perCustomerLimit: 2 });
  const taken = await takeForRival(stage, drop.sku(41));
  const page = await visit(stage, drop);
  await queueUp(page, drop.sku(41));
  await add(page, drop.sku(42));
  await giveBack(stage, drop.sku(41), taken);
  await page.getByRole("heading", { name: "EU 41 came back, for you" }).waitFor();
  return page;
}
