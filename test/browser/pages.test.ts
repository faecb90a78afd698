import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";
import { add, openDrop, visit } from "./shop-floor.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

describe("the pages", () => {
  it.each([
    { path: "/", title: "Holdfast demo drop" },
    { path: "/console/", title: "Holdfast console" },
  ])("are served: $path", async ({ path, title }) => {
    const page = await stage.page(path);
    expect(await page.title()).toBe(title);
  });

  it.each(["/shop/", "/console/"])("run their own scripts alone, in no other page's frame: %s", async (path) => {
    const { headers } = await fetch(`${stage.url}${path}`);
    const policy = headers.get("Content-Security-Policy");
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
      expect(policy).toContain(rule);
    expect(headers.get("Cache-Control")).toContain("must-revalidate");
  });

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

  it("are kept by browsers for good where their names change with what is in them", async () => {
    const html = await (await fetch(`${stage.url}/shop/`)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1];
    const { headers } = await fetch(`${stage.url}${script}`);
    expect(headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
  });
});
