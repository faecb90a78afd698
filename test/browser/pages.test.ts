import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser.ts";
import { faultsOfLayout, resize } from "./layout.ts";
import { Operator } from "./operator.ts";
import { add, openDrop, visit } from "./shop-floor.ts";
import { sharedStage } from "./stages.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

describe("the pages", () => {
  it.each([
    { path: "/", title: "Holdfast demo drop" },
    { path: "/console/", title: "Holdfast console" },
    { path: "/docs", title: "Holdfast API" },
  ])("are served: $path", async ({ path, title }) => {
    const page = await stage.page(path);
    expect(await page.title()).toBe(title);
  });

  it.each(["/shop/", "/console/", "/docs/"])(
    "run their own scripts alone, in no other page's frame: %s",
    async (path) => {
      const { headers } = await fetch(`${stage.url}${path}`);
      const policy = headers.get("Content-Security-Policy");
      for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
        expect(policy).toContain(rule);
      expect(headers.get("Cache-Control")).toContain("must-revalidate");
    },
  );

  it("get by with what their policy allows them", async () => {
    const drop = await openDrop(stage, { 41: 1 });
    const shop = await visit(stage, drop);
    const { page: console } = await Operator.signIn(stage, `#/skus/${drop.sku(41)}`);
    const complaints: string[] = [];
    for (const page of [shop, console]) {
      page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.reload();
    }
    await add(shop, drop.sku(41));
    await console.locator('[data-chart="Stock over time"] canvas').waitFor();
    expect(complaints).toEqual([]);
  });

  it("[API11] show and try all operations of the API where no other host can be reached", async () => {
    const page = await stage.page("/healthz");
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.route(
      (url) => url.origin !== stage.url && url.protocol !== "data:",
      (route) => {
        foreign.push(route.request().url());
        return route.abort();
      },
    );
    await page.goto(`${stage.url}/docs`);
    const shown = page.locator(".opblock-summary");
    await shown.first().waitFor();
    expect(await shown.count()).toBe(await operationCount());
    await shown.filter({ hasText: "Read a SKU" }).click();
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByPlaceholder("sku").fill("no-such-sku");
    await page.getByRole("button", { name: "Execute", exact: true }).click();
    await page.locator(".live-responses-table").getByText("/problems/not-found").first().waitFor();
    for (const width of [320, 768, 1280]) {
      await resize(page, width);
      expect(
        await faultsOfLayout(page, { boxes: "header strong, header a, .btn, .opblock-summary-path" }),
        String(width),
      ).toEqual([]);
    }
    expect(foreign).toEqual([]);
    expect(complaints.filter((said) => !said.includes("404"))).toEqual([]);
  });

  it("are kept by browsers for good where their names change with what is in them", async () => {
    const html = await (await fetch(`${stage.url}/shop/`)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1];
    const { headers } = await fetch(`${stage.url}${script}`);
    expect(headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
  });
});

async function operationCount(): Promise<number> {
  const document = (await (await fetch(`${stage.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  return Object.values(document.paths).reduce((sum, path) => sum + Object.keys(path).length, 0);
}
