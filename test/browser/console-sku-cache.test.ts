import type { Route } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TrustedSku } from "../../src/client/client.ts";
import type { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";
import { ownStage } from "./stages.ts";

let stage: Stage;
let operator: Operator;
beforeAll(async () => {
  stage = await ownStage();
  await stage.call("POST", "/v1/skus", { sku: "LAMP", name: "Lamp", stock: 20 });
  await stage.call("POST", "/v1/skus", { sku: "SHADE", name: "Shade", stock: 20 });
  await stage.call("POST", "/v1/skus", { sku: "BULB", name: "Bulb", stock: 20 });
  await stage.call("POST", "/v1/drops", { drop: "light", name: "Light", skus: ["LAMP", "SHADE"] });
  await stage.call("POST", "/v1/drops", { drop: "spare", name: "Spare", skus: ["BULB"] });
});
afterAll(() => stage.close());
beforeEach(async () => {
  operator = new Operator(await stage.page("/console/"));
});

/** What the service answers while D1 does not. */
const down = (route: Route) =>
  route.fulfill({
    status: 503,
    contentType: "application/problem+json",
    body: JSON.stringify({ code: "unavailable", title: "Unavailable", status: 503, detail: "D1 does not answer" }),
  });
/** The calls that read D1, as everything else is the objects' own. */
const READS_D1 = /\/v1\/(skus\?|events|reservations|(skus|drops)\/[^/]+\/(analytics|movements))/;
const row = (sku: string) => operator.page.locator(`tr[data-sku="${sku}"]`);

describe("while D1 does not answer", () => {
  beforeEach(async () => {
    await operator.page.route(READS_D1, down);
    await operator.giveToken(stage.admin);
    await operator.page.getByRole("heading", { name: "Stock" }).waitFor();
  });

  it("an operator signs in, and pauses a SKU that the console has never seen", async () => {
    await operator.goTo("#/skus/LAMP");
    await operator.sees("Available", "20");
    await operator.press("Pause");
    await operator.press("Pause", operator.dialog);
    await operator.hears("LAMP is paused.");
    expect((await stage.call<TrustedSku>("GET", "/v1/skus/LAMP")).state).toBe("paused");
    await operator.press("Resume");
    await operator.press("Resume", operator.dialog);
    await operator.page.locator(".page-head .mark", { hasText: "open" }).waitFor();
  });

  it("the stock page has the busiest SKUs, and a drop of theirs can be paused", async () => {
    await operator.press("Pause drop spare");
    await operator.press("Pause all", operator.dialog);
    await operator.hears("The drop spare is paused.");
    await row("BULB").locator(".mark:visible", { hasText: "paused" }).waitFor();
    await stage.call("PATCH", "/v1/drops/spare", { paused: false });
    await row("BULB").locator(".mark:visible", { hasText: "open" }).waitFor();
    await operator.page.getByText("Until the list loads").waitFor();
  });

  it("a drop has its SKUs, and they are live with their counts", async () => {
    await operator.goTo("#/drops/light");
    await row("LAMP").waitFor();
    await operator.page.locator(".feed", { hasText: "live, no list" }).waitFor();
    const reservation = { quantity: 2, customer: "alice" };
    await stage.call("POST", "/v1/skus/SHADE/reservations", reservation, stage.storefront);
    await operator.sees("Available", "38");
    await operator.sees("Held", "2");
  });

  it("a SKU that does not exist is not taken for one that cannot be read", async () => {
    await operator.goTo("#/skus/NOBODY");
    await operator.page.getByText("There is no SKU of this name.").waitFor();
  });
});

it("shows the drops that answer when one does not, and says so", async () => {
  await operator.page.route("**/v1/drops/light", down);
  await operator.giveToken(stage.admin);
  await operator.page.locator('tbody[data-drop="spare"]').getByText("Spare", { exact: true }).waitFor();
  await operator.page.getByRole("button", { name: "Pause drop spare" }).waitFor();
  await operator.page.getByRole("alert").getByText("D1 does not answer").waitFor();
});

describe("health", () => {
  const readiness = (d1: string, objects: string, status: string) => ({
    contentType: "application/json",
    body: JSON.stringify({ status, d1, objects, outbox: { unrecordedEvents: 3, lagSeconds: 1, skusAsked: 2 } }),
  });

  it("is nothing that it was before it could not be read any more", async () => {
    await operator.giveToken(stage.admin);
    await operator.goTo("#/health");
    await operator.page.getByText("Sales work, and D1 is up to date.").waitFor();
    await operator.page.route("**/readyz", (route) => route.abort());
    await operator.page.getByText("The service cannot be reached").waitFor();
    await operator.page.locator(".page-head .mark", { hasText: "unknown" }).waitFor();
    expect(await operator.page.getByText("Sales work").count()).toBe(0);
    expect(await operator.page.locator(".mark.good:visible", { hasText: "ok" }).count()).toBe(0);
  });

  it("has words for objects that do not answer", async () => {
    const answer = readiness("ok", "failing", "unavailable");
    await operator.page.route("**/readyz", (route) => route.fulfill({ status: 503, ...answer }));
    await operator.giveToken(stage.admin);
    await operator.goTo("#/health");
    await operator.page.locator(".page-head .mark.bad", { hasText: "unavailable" }).waitFor();
    await operator.page.getByText("cannot be bought meanwhile").waitFor();
    await operator.page.locator(".figure.bad", { hasText: "SKU objects" }).waitFor();
  });
});

it("finds the latest movements behind many events that moved nothing", async () => {
  const reservation = { quantity: 4, customer: "before-all-the-edits" };
  await stage.call("POST", "/v1/skus/BULB/reservations", reservation, stage.storefront);
  for (let edits = 0; edits < 230; edits += 23)
    await Promise.all(
      Array.from({ length: 23 }, (_none, at) => stage.call("PATCH", "/v1/skus/BULB", { name: `Bulb ${edits + at}` })),
    );
  await operator.giveToken(stage.admin);
  await operator.goTo("#/skus/BULB");
  await operator.page
    .getByRole("row", { name: /before-all-the-edits/ })
    .getByText("+4")
    .waitFor();
});
