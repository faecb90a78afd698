import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import { resize, shiftOf, watchShifts } from "./layout.ts";
import { isLive } from "./shop-floor.ts";
import { states } from "./shop-states.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

describe("a page that is loaded again", () => {
  it.each(["a choice", "a cart", "a place in line", "an offer and a cart", "an order"])(
    "does not jump with %s",
    async (state) => {
      const page = (await states[state]?.(stage)) as Page;
      await page.emulateMedia({ reducedMotion: "no-preference" });
      await watchShifts(page);
      for (const width of [390, 768, 1280]) {
        await resize(page, width, 844);
        await page.reload();
        await isLive(page);
        await page.waitForTimeout(1_000);
        expect(await shiftOf(page), String(width)).toBeLessThan(0.05);
      }
    },
  );
});
