import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/root.ts";
import type { Stage } from "./browser.ts";
import { add, choose, openDrop, pay, press, queueUp, see, takeForRival, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
let axe: string;
beforeAll(async () => {
  stage = await sharedStage();
  axe = await readFile(join(root, "node_modules", "axe-core", "axe.min.js"), "utf8");
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

/** Faults that keep somebody out, by axe, in the light and in the dark. */
async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe);
    const found = await page.evaluate<string[]>(`axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " " + target + " " + failureSummary)))`);
    faults.push(...found.map((fault) => `${colorScheme}: ${fault}`));
  }
  return faults;
}

/** Goes on with Tab until what has the focus is called this. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press("Tab");
    const focused = await focusOf(page);
    if (name.test(focused)) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

async function focusOf(page: Page): Promise<string> {
  return page.evaluate(`{ const at = document.activeElement; at.getAttribute("aria-label") ?? at.textContent }`);
}

describe("the shop for everybody", () => {
  it.each([{ phone: false }, { phone: true }])(
    "has no serious fault in any state, phone: $phone",
    async ({ phone }) => {
      const drop = await openDrop(stage, { 41: 1, 42: 4, 43: 9 });
      await takeForRival(stage, drop.sku(41));
      const page = await visit(stage, drop, { phone });
      expect(await faultsOf(page)).toEqual([]);
      await choose(page, drop.sku(41));
      await press(page, "Join the waitlist");
      await page.getByRole("heading", { name: "You’re in line for EU 41" }).waitFor();
      await see(page, "You’re in line");
      expect(await faultsOf(page)).toEqual([]);
      await add(page, drop.sku(42));
      await choose(page, drop.sku(43));
      await see(page, "Pay or remove what you hold first");
      expect(await faultsOf(page)).toEqual([]);
      await press(page, /^Pay \$/);
      expect(await faultsOf(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await pay(page, "Valid card");
      await page.getByRole("heading", { name: "It’s yours." }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
    },
  );

  it("has none before it opens and after it has sold out", async () => {
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    const later = await visit(stage, await openDrop(stage, { 41: 1 }, { opensAt }));
    await see(later, "Opens in");
    expect(await faultsOf(later)).toEqual([]);
    const drop = await openDrop(stage, { 41: 0 });
    const page = await visit(stage, drop);
    await choose(page, drop.sku(41));
    await see(page, "Sold out, join the waitlist");
    expect(await faultsOf(page)).toEqual([]);
  });

  it("sells a pair with laces to somebody without a mouse, whose focus is where things happen", async () => {
    const drop = await openDrop(stage, { 41: 3, 42: 9 });
    const page = await visit(stage, drop);
    await tabTo(page, /^EU 41/);
    await page.keyboard.press("ArrowRight");
    expect(await focusOf(page)).toMatch(/^EU 42/);
    await tabTo(page, /Spare laces|^$/);
    await page.keyboard.press("Space");
    await tabTo(page, /^Add to cart, \$198/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "In your cart" }).waitFor();
    await expect.poll(() => focusOf(page)).toBe("In your cart");
    await tabTo(page, /^Pay \$198/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(await focusOf(page)).toMatch(/^Pay \$198/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, /^Pay \$198/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "It’s yours." }).waitFor();
    await expect.poll(() => focusOf(page)).toBe("It’s yours.");
  });

  it("says aloud how the stock of the chosen size changes", async () => {
    const drop = await openDrop(stage, { 41: 3, 42: 9 });
    const page = await visit(stage, drop);
    await choose(page, drop.sku(41));
    await takeForRival(stage, drop.sku(41));
    const said = page.getByTestId("announcer");
    await said.getByText("EU 41: Only 2 left!").waitFor();
    expect(await said.getAttribute("aria-live")).toBe("polite");
  });

  it("is heard in the payment window, where the focus follows what happens", async () => {
    const drop = await openDrop(stage, { 41: 3 }, { holdTtlSeconds: 14, maxHoldSeconds: 14 });
    const page = await visit(stage, drop);
    await add(page, drop.sku(41));
    await pay(page, "Declined card");
    await expect.poll(() => focusOf(page)).toBe("Asking your bank…");
    await expect.poll(() => focusOf(page)).toMatch(/^The bank declined this card/);
    await page.getByRole("dialog").getByTestId("announcer").getByText("10 seconds left to pay.").waitFor();
  });

  it("leaves the focus on a heading when a button goes away with its panel, and says what it did", async () => {
    const drop = await openDrop(stage, { 41: 1, 42: 3 }, { holdTtlSeconds: 90, maxHoldSeconds: 90 });
    const page = await visit(stage, drop);
    const said = page.getByTestId("announcer");
    await choose(page, drop.sku(42));
    await page.getByRole("checkbox").check();
    await add(page, drop.sku(42));
    await press(page, "Remove Waxed laces, 120 cm");
    await said.getByText("Waxed laces, 120 cm removed.").waitFor();
    await expect.poll(() => focusOf(page)).toBe("In your cart");
    await press(page, "Empty cart");
    await said.getByText("Your cart is empty.").waitFor();
    await expect.poll(() => focusOf(page)).toBe("Low Tide 01");
    await takeForRival(stage, drop.sku(41));
    await queueUp(page, drop.sku(41));
    await press(page, "Leave the line");
    await said.getByText("You left the line for EU 41.").waitFor();
    await expect.poll(() => focusOf(page)).toBe("Low Tide 01");
  });

  it("says aloud that the laces are gone while the pair is in the cart", async () => {
    const drop = await openDrop(stage, { 41: 3 });
    const page = await visit(stage, drop);
    await choose(page, drop.sku(41));
    await page.getByRole("checkbox").check();
    const laces = { quantity: 9, customer: "rival", ttlSeconds: 60 };
    await page.route(
      "**/v1/carts",
      async (route) => {
        await stage.call("POST", `/v1/skus/${drop.drop}-laces/reservations`, laces, stage.storefront);
        await route.continue();
      },
      { times: 1 },
    );
    await press(page, /^Add to cart/);
    const said = page.getByTestId("announcer");
    await said.getByText("The laces are gone, but your pair is in the cart.").waitFor();
  });
});
