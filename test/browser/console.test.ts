import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signToken } from "../../scripts/sign-token.ts";
import type { Drop, TrustedSku } from "../../src/client/client.ts";
import type { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";
import { ownStage } from "./stages.ts";

let stage: Stage;
let operator: Operator;
beforeAll(async () => {
  stage = await ownStage();
  await stage.call("POST", "/v1/skus", { sku: "SHOE-42", name: "Shoe, EU 42", stock: 20 });
  await stage.call("POST", "/v1/skus", { sku: "SHOE-43", name: "Shoe, EU 43", stock: 20 });
  await stage.call("POST", "/v1/drops", { drop: "shoes", name: "Shoes", skus: ["SHOE-42", "SHOE-43"] });
  operator = await Operator.signIn(stage);
});
afterAll(() => stage.close());

const row = (sku: string) => operator.page.locator(`tr[data-sku="${sku}"]`);

describe("the door", () => {
  it("lets nobody in without a token that the service accepts", async () => {
    const stranger = new Operator(await stage.page("/console/"));
    const fault = stranger.page.getByRole("alert");
    await stranger.giveToken("nonsense");
    await fault.getByText("This is not a token").waitFor();
    await stranger.giveToken(stage.storefront);
    await fault.getByText("This token is for the role “storefront”").waitFor();
    const forged = await signToken("a-secret-of-more-than-thirty-two-bytes", { role: "admin", sub: "mallory" });
    await stranger.giveToken(forged);
    await fault.getByText("The service does not accept this token").waitFor();
    expect(await stranger.page.getByRole("navigation").count()).toBe(0);
  });

  it("keeps a token for the tab, and forgets it on signing out", async () => {
    const other = await Operator.signIn(stage, "#/health");
    await other.page.reload();
    await other.page.getByRole("heading", { name: "Health" }).waitFor();
    await other.press("Sign out");
    await other.page.getByText("You are signed out.").waitFor();
    await other.page.reload();
    await other.page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  it("lets in an operator whose machine's clock is two days ahead, and tells the session's end by the service's", async () => {
    const page = await stage.page("/console/");
    // As the platform does in production.
    await page.route(/\/v1\/skus\?/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), date: new Date().toUTCString() } });
    });
    await page.clock.install({ time: Date.now() + 24 * 60 * 60_000 });
    const other = new Operator(page);
    await other.giveToken(stage.admin);
    await page.getByText(/^11 h 5\d min left$/).waitFor();
    await page.clock.fastForward("24:00:00");
    await page.reload();
    await page.getByText(/^11 h 5\d min left$/).waitFor();
  });

  it("says so when the service does not accept the token any more", async () => {
    const other = new Operator(await stage.page("/console/"));
    await other.giveToken(await stage.tokenOf("root", { role: "admin", ttlSeconds: 5 }));
    await other.page.getByRole("navigation").waitFor();
    await other.page.getByText(/^The service no longer accepts your token/).waitFor();
  });

  it.each([
    { what: "a list of a page", hash: "#/webhooks", path: /\/v1\/webhooks\?/, shown: "No webhooks yet." },
    { what: "the list of SKUs", hash: "#/", path: /\/v1\/skus\?/, shown: "SHOE-43" },
  ])("goes on asking after an answer that it cannot read: $what", async ({ hash, path, shown }) => {
    const page = await stage.page("/console/");
    let answers = 0;
    await page.route(path, async (route) => {
      answers += 1;
      if (answers <= 2) await route.fulfill({ json: null });
      else await route.continue();
    });
    const other = new Operator(page);
    await other.giveToken(stage.admin);
    await other.goTo(hash);
    const notice = page.getByText("A proxy answered instead of the service");
    await notice.first().waitFor();
    await page.getByText(shown).first().waitFor({ timeout: 40_000 });
    await expect.poll(() => notice.count()).toBe(0);
    expect(answers).toBeGreaterThan(2);
  });
});

describe("stock", () => {
  it("is live: what a shopper takes is there", async () => {
    await operator.page.locator('[data-connection="live"]').waitFor();
    const reservation = { quantity: 3, customer: "alice" };
    await stage.call("POST", "/v1/skus/SHOE-43/reservations", reservation, stage.storefront);
    await row("SHOE-43").getByText("17", { exact: true }).waitFor();
    await row("SHOE-43").getByText("3", { exact: true }).waitFor();
    await operator.sees("Held", "3");
  });

  it("is paused after a question, and resumed", async () => {
    await operator.press("Pause SHOE-42");
    await operator.press("Pause", operator.dialog);
    await operator.hears("SHOE-42 is paused.");
    await row("SHOE-42").locator(".mark:visible", { hasText: "paused" }).waitFor();
    await operator.press("Resume SHOE-42");
    await operator.press("Resume", operator.dialog);
    await row("SHOE-42").locator(".mark:visible", { hasText: "open" }).waitFor();
  });

  it("of a whole drop is paused and resumed", async () => {
    await operator.press("Pause drop shoes");
    await operator.press("Pause all", operator.dialog);
    await operator.hears("The drop shoes is paused.");
    await row("SHOE-43").locator(".mark:visible", { hasText: "paused" }).waitFor();
    await operator.press("Resume drop shoes");
    await operator.press("Resume all", operator.dialog);
    await row("SHOE-43").locator(".mark:visible", { hasText: "open" }).waitFor();
    expect((await stage.call<Drop>("GET", "/v1/drops/shoes")).paused).toBe(false);
  });

  it("is adjusted with a reason, but never below what is in use", async () => {
    await operator.press("Adjust SHOE-43");
    await operator.dialog.getByLabel("Take units out").check();
    await operator.fill({ Units: "18", Reason: "miscounted" });
    await operator.press("Take 18 units out", operator.dialog);
    await operator.dialog.getByRole("alert").getByText("Units are held or sold").waitFor();
    await operator.dialog.getByLabel("Put units in").check();
    await operator.fill({ Units: "5", Reason: "found a box" });
    await operator.press("Put 5 units in", operator.dialog);
    await operator.hears("The stock is 25 now.");
    await row("SHOE-43").getByText("25", { exact: true }).waitFor();

    await operator.goTo("#/skus/SHOE-43");
    await operator.page
      .getByRole("row", { name: /found a box/ })
      .getByText("+5")
      .waitFor();
    await operator.goTo("#/");
  });
});

describe("SKUs and drops", () => {
  it("are created", async () => {
    await operator.press("New SKU");
    await operator.fill({ SKU: "LP-RED", Name: "Record, red", Stock: "12", "Units per customer": "2" });
    await operator.dialog.getByLabel("Create it paused").check();
    await operator.press("Create", operator.dialog);
    await operator.hears("LP-RED created");
    await row("LP-RED").getByText("paused").filter({ visible: true }).waitFor();

    await operator.press("New drop");
    await operator.fill({ Drop: "records", Name: "Records", "Units per customer, over all its SKUs": "3" });
    await operator.dialog.getByLabel("LP-RED").check();
    await operator.press("Create", operator.dialog);
    await operator.hears("Drop records created.");
    await operator.page.locator('tbody[data-drop="records"] tr[data-sku="LP-RED"]').waitFor();
    const drop = await stage.call<Drop>("GET", "/v1/drops/records");
    expect(drop).toMatchObject({ skus: ["LP-RED"], perCustomerLimit: 3, name: "Records" });
  });

  it("are refused in plain words, and what was filled in stays", async () => {
    await operator.press("New SKU");
    await operator.fill({ SKU: "SHOE-42", Name: "Another", Stock: "1" });
    await operator.press("Create", operator.dialog);
    await operator.dialog.getByRole("alert").getByText("The SKU already exists").waitFor();
    expect(await operator.dialog.getByLabel("Name", { exact: true }).inputValue()).toBe("Another");
    await operator.page.keyboard.press("Escape");
    await operator.dialog.waitFor({ state: "detached" });
  });

  it("are changed, unless somebody else was faster", async () => {
    await operator.goTo("#/skus/LP-RED");
    await operator.press("Edit");
    await operator.fill({ "Low stock at": "4", "Shoppers see at most": "10" });
    await operator.press("Save", operator.dialog);
    await operator.hears("LP-RED saved.");
    const { policy } = await stage.call<TrustedSku>("GET", "/v1/skus/LP-RED");
    expect(policy).toMatchObject({ lowStockThreshold: 4, displayCap: 10, perCustomerLimit: 2 });

    await operator.press("Edit");
    await stage.call("PATCH", "/v1/skus/LP-RED", { name: "Record, scarlet" });
    await operator.fill({ Name: "Record, crimson" });
    await operator.press("Save", operator.dialog);
    await operator.dialog.getByRole("alert").getByText("Changed by someone else").waitFor();
    await operator.press("Cancel", operator.dialog);
  });
});

it("says so when the service does not answer, and goes on when it does", async () => {
  await operator.goTo("#/skus/SHOE-42");
  await operator.page.getByRole("heading", { name: "SHOE-42" }).waitFor();
  await operator.press("Pause");
  const context = operator.page.context();
  await context.route("**/v1/skus/**", (route) => route.abort());
  await operator.press("Pause", operator.dialog);
  await operator.dialog.getByText("The service cannot be reached").waitFor();
  await context.unroute("**/v1/skus/**");
  await operator.press("Pause", operator.dialog);
  await operator.hears("SHOE-42 is paused.");
});
