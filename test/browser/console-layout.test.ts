import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import { enlargeText, faultsOfLayout, resize, shiftOf, WIDTHS, watchShifts } from "./layout.ts";
import { Operator } from "./operator.ts";
import { ownStage } from "./stages.ts";

const LONG = "WINTER-BOOT-EXTRA-LONG-NAME-OF-A-SKU-42";
const within = ".button, .frame a, .figure, .filter, input, select";
const boxes = [
  ".brand, .frame nav a, .feed, .who, h1, h2, .page-head .mark, .button, .figure, .filter, .lede, .spans label",
  "th a, th small, td .mark, td .stock-bar, td.number, .field",
].join();

let stage: Stage;
let operator: Operator;
beforeAll(async () => {
  stage = await ownStage();
  for (const sku of ["BOOT-41", LONG])
    await stage.call("POST", "/v1/skus", {
      sku,
      name: "A winter boot, EU 42",
      stock: 12_500,
      policy: { paused: true },
    });
  await stage.call("POST", "/v1/drops", { drop: "winter-boots", name: "Winter boots", skus: ["BOOT-41", LONG] });
  for (const sku of ["BOOT-41", LONG]) await stage.call("PATCH", `/v1/skus/${sku}`, { policy: { paused: false } });
  for (const customer of ["alice", "a-customer-with-a-rather-long-name@example.com"])
    await stage.call("POST", `/v1/skus/${LONG}/reservations`, { customer, quantity: 7 }, stage.storefront);
  await stage.call("POST", "/v1/webhooks", { url: "http://localhost:9/hooks/of/holdfast/events", events: ["*"] });
  operator = await Operator.signIn(stage);
});
afterAll(() => stage.close());

const pages = ["#/", `#/skus/${LONG}`, "#/drops/winter-boots", "#/reservations", "#/webhooks", "#/health"];

describe("the console, from 320 to 2560 pixels", () => {
  it.each(pages)("lays out %s: nothing overlaps or leaves the page, and what can be done is in view", async (hash) => {
    const { page } = operator;
    await operator.goTo(hash);
    await page.locator("main td:visible, main .empty:visible, main .figure:visible").first().waitFor();
    const faults: Record<string, string[]> = {};
    const look = async (name: string) => {
      const found = await faultsOfLayout(page, { boxes, within });
      if (found.length > 0) faults[name] = found;
    };
    for (const width of WIDTHS) {
      await resize(page, width);
      await look(String(width));
    }
    await enlargeText(page, 2);
    for (const width of [640, 1280, 2560]) {
      await resize(page, width);
      await look(`${width}, letters doubled`);
    }
    await enlargeText(page, 1);
    expect(faults).toEqual({});
  });

  it("does not jump when its stock is loaded again", async () => {
    const { page } = operator;
    await watchShifts(page);
    await operator.goTo("#/");
    for (const width of [390, 820, 1280]) {
      await resize(page, width, 844);
      await page.reload();
      await page.locator(`tr[data-sku="${LONG}"]`).waitFor();
      await page.waitForTimeout(1_000);
      expect(await shiftOf(page), String(width)).toBeLessThan(0.05);
    }
  });
});

describe("in colors that people choose themselves", () => {
  it("the console shows which page and which span are chosen", async () => {
    const { page } = operator;
    await resize(page, 1280);
    await page.emulateMedia({ forcedColors: "active" });
    await operator.goTo("#/skus/BOOT-41");
    await page.getByRole("radio", { name: "6 h" }).check();
    const lookOf = (selector: string) =>
      page.locator(selector).evaluateAll((elements) =>
        elements.map((element) => {
          const { backgroundColor, borderBottomColor } = getComputedStyle(element);
          return `${backgroundColor} ${borderBottomColor}`;
        }),
      );
    for (const group of [".spans label", ".frame nav a"]) {
      const chosen = await lookOf(`${group}:is([aria-current], :has(:checked))`);
      const others = await lookOf(`${group}:not([aria-current], :has(:checked))`);
      expect(chosen).toHaveLength(1);
      expect(others).not.toContain(chosen[0]);
    }
  });
});
