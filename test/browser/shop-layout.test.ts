import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import { enlargeText, faultsOfLayout, resize, WIDTHS } from "./layout.ts";
import { add, openDrop, visit } from "./shop-floor.ts";
import { states, visitWithOfferAndCart } from "./shop-states.ts";
import { sharedStage } from "./stages.ts";

const boxes = [
  ".brand, .connection, .hero-word span, .sneaker, .hero-note, h1, h2, .price, .story, .opening, .size, .stock-note",
  ".extra, .buy > .action, .timer p, .timer-track, .lines li, .total, .panel .action, .place, .message, .small, footer p",
].join();
const within = ".action, .size, .extra, .panel";
const paying = ".pay-row";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

describe("the shop, from 320 to 2560 pixels", () => {
  it.each(Object.keys(states))(
    "lays out %s: nothing overlaps, leaves the page or hides what can be paid",
    async (state) => {
      const page = (await states[state]?.(stage)) as Page;
      const faults: Record<string, string[]> = {};
      const look = async (name: string) => {
        await page.evaluate("scrollTo(0, 0)");
        const found = await faultsOfLayout(page, { boxes, within });
        await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
        const { width = 0 } = page.viewportSize() ?? {};
        // At its end the page is over, and not behind the bar.
        const bar = width < 960 ? { boxes: `footer p, ${paying}`, inView: paying } : { boxes: paying };
        found.push(...(await faultsOfLayout(page, bar)));
        if (found.length > 0) faults[name] = found;
      };
      for (const width of WIDTHS) {
        await resize(page, width);
        await look(String(width));
      }
      await enlargeText(page, 2);
      for (const width of [640, 1024, 1280, 2560]) {
        await resize(page, width);
        await look(`${width}, letters doubled`);
      }
      expect(faults).toEqual({});
    },
  );

  it("pays first, and what ends first: above all else in a panel, and first in the bar", async () => {
    const page = await visitWithOfferAndCart(stage);
    const topOf = async (name: RegExp) => (await page.getByRole("button", { name }).boundingBox())?.y ?? 0;
    await resize(page, 390);
    expect(await topOf(/^Take it for \$/)).toBeLessThan(await topOf(/^Pay \$/));
    await resize(page, 1280);
    for (const panel of [".cart", ".offer"]) {
      const downwards = await page
        .locator(`${panel} .pay-row, ${panel} .action.plain, ${panel} > .action, ${panel} .row`)
        .evaluateAll((all) =>
          all
            .map((each) => ({ top: each.getBoundingClientRect().top, pays: each.matches(".pay-row") }))
            .sort((one, other) => one.top - other.top),
        );
      expect(downwards[0]?.pays, panel).toBe(true);
    }
  });

  it("shows one name, however many words it has", async () => {
    const drop = await openDrop(stage, { 41: 3 });
    await stage.call("PATCH", `/v1/drops/${drop.drop}`, { name: "Extraordinarily Long Winter Boot 2027" });
    const page = await visit(stage, drop);
    for (const width of WIDTHS) {
      await resize(page, width);
      expect(await faultsOfLayout(page, { boxes, within }), String(width)).toEqual([]);
    }
  });
});

it("shows which size and which card are chosen in colors that people choose themselves", async () => {
  const drop = await openDrop(stage, { 40: 3, 41: 9 });
  const page = await visit(stage, drop);
  await page.emulateMedia({ forcedColors: "active" });
  await add(page, drop.sku(41));
  await page.getByRole("button", { name: /^Pay \$/ }).click();
  await page.getByRole("dialog").getByRole("radio").nth(1).check();
  for (const group of [".size", ".card"]) {
    const outlines = (chosen: string) =>
      page
        .locator(`${group}:${chosen}(:has(:checked))`)
        .evaluateAll((elements) => elements.map((element) => getComputedStyle(element).outlineStyle));
    expect(await outlines("is")).toEqual(["solid"]);
    expect(new Set(await outlines("not"))).toEqual(new Set(["none"]));
  }
});
