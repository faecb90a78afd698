import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stage } from "./browser.ts";

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
});
