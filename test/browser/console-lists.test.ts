import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Page as ListPage, Reservation, ReservationAnswer, Webhook } from "../../src/client/client.ts";
import type { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";
import { ownStage } from "./stages.ts";

const RESERVATIONS = "/v1/skus/CAP/reservations";

let stage: Stage;
let operator: Operator;
beforeAll(async () => {
  stage = await ownStage();
  await stage.call("POST", "/v1/skus", { sku: "CAP", name: "Cap", stock: 100 });
  const commands = Array.from({ length: 30 }, (_, index) => ({ type: "reserve", quantity: 1, customer: `c${index}` }));
  await stage.call("POST", "/v1/skus/CAP/batch", { commands }, stage.storefront);
  const listed = () => stage.call<ListPage<Reservation>>("GET", "/v1/reservations?limit=50");
  await vi.waitFor(async () => expect((await listed()).items.length).toBe(30), 15_000);
  operator = await Operator.signIn(stage);
});
afterAll(() => stage.close());

describe("reservations", () => {
  const rows = () => operator.page.locator("tr[data-reservation]");
  const button = (name: string) => operator.page.getByRole("button", { name, exact: true });

  it("of a page that cannot be read are not taken for those of the page before", async () => {
    const { page } = operator;
    const { promise, resolve } = Promise.withResolvers<void>();
    const second = (url: URL) => url.pathname === "/v1/reservations" && url.searchParams.has("cursor");
    await page.route(second, async (route) => {
      await promise;
      await route.fulfill({ status: 403, json: { code: "forbidden", status: 403, title: "No", detail: "no" } });
    });
    await operator.goTo("#/reservations");
    await rows().nth(24).waitFor();
    await operator.press("Next");
    await page.getByText("Reading…").waitFor();
    expect(await rows().count()).toBe(0);
    expect(await button("Next").isDisabled()).toBe(true);
    resolve();
    await page.getByRole("alert").waitFor();
    expect(await rows().count()).toBe(0);
    await page.unroute(second);
    await rows().nth(4).waitFor();
    expect(await rows().count()).toBe(5);
    await operator.press("Previous");
    await rows().nth(24).waitFor();
  });

  it("are not drawn anew when their list is read again", async () => {
    const row = await rows().first().elementHandle();
    const read = operator.page.waitForResponse("**/v1/reservations?*");
    await operator.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await (await read).finished();
    expect(await row?.evaluate((element) => element.isConnected)).toBe(true);
  });

  it("that are open are followed when they leave the list", async () => {
    const { id } = await stage.call<ReservationAnswer>(
      "POST",
      RESERVATIONS,
      { quantity: 1, customer: "joy" },
      stage.storefront,
    );
    await operator.goTo("#/reservations?status=held");
    await operator.press("Open reservation of joy");
    await operator.dialog.locator(".mark", { hasText: "held" }).waitFor();
    await stage.call("POST", `${RESERVATIONS}/${id}/confirm`, {}, stage.storefront);
    await operator.dialog.locator(".mark", { hasText: "confirmed" }).waitFor();
    await rows().filter({ hasText: "joy" }).waitFor({ state: "detached" });
    await operator.dialog.getByRole("button", { name: "Return…" }).waitFor();
    await operator.press("Close", operator.dialog);
  });

  it("[CNF10] of which money goes back name the orders", async () => {
    const held = await stage.call<ReservationAnswer>(
      "POST",
      RESERVATIONS,
      { quantity: 2, customer: "payer" },
      stage.storefront,
    );
    await stage.call("POST", `${RESERVATIONS}/${held.id}/confirm`, { orderId: "EU 41" }, stage.storefront);
    const commands = [{ type: "confirm", id: held.id, orderId: "EU 42" }];
    await stage.call("POST", "/v1/skus/CAP/batch", { commands }, stage.storefront);
    await operator.goTo("#/reservations?customer=payer");
    await rows().filter({ hasText: "refund due" }).waitFor();
    await operator.press("Open reservation of payer");
    await operator.dialog.getByText("EU 42, 2 units").waitFor();
    expect(await operator.dialog.getByText("Refund due").count()).toBe(1);
    await operator.press("Close", operator.dialog);
  });

  it("are found by their id and SKU", async () => {
    const { items } = await stage.call<ListPage<Reservation>>("GET", "/v1/reservations?customer=c7");
    await operator.goTo("#/reservations");
    await operator.page.getByLabel("Id", { exact: true }).fill(items[0]?.id ?? "");
    await operator.page.getByLabel("SKU", { exact: true }).fill("CAP");
    await operator.press("Search");
    await operator.dialog.getByText("c7", { exact: true }).waitFor();
    await operator.press("Close", operator.dialog);
    expect(await rows().count()).toBe(1);
  });
});

describe("a delivery", () => {
  let receiver: Server;
  let status = 500;
  beforeAll(async () => {
    receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(status).end();
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
  });
  afterAll(() => receiver.close());

  it("that is pending is sent again at once when somebody wants it", async () => {
    const { port } = receiver.address() as AddressInfo;
    const { id } = await stage.call<Webhook>("POST", "/v1/webhooks", {
      url: `http://127.0.0.1:${port}/`,
      events: ["reservation.held"],
    });
    await stage.call("POST", "/v1/skus/CAP/reservations", { quantity: 1, customer: "joy" }, stage.storefront);
    await operator.goTo(`#/webhooks/${id}`);
    const delivery = operator.page.locator("tr[data-delivery]", { hasText: "reservation.held" });
    await delivery.getByRole("cell", { name: "500", exact: true }).waitFor();
    expect(await delivery.getByRole("button").isEnabled()).toBe(true);
    status = 204;
    await delivery.getByRole("button").click();
    await delivery.getByText("delivered").waitFor();
  });

  it("is not shown among those of another status, not even until they are read", async () => {
    const { page } = operator;
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route("**/deliveries?*status=failed*", async (route) => {
      await promise;
      await route.continue();
    });
    await page.getByLabel("Status").selectOption("failed");
    await page.getByText("Reading…").waitFor();
    expect(await page.locator("tr[data-delivery]").count()).toBe(0);
    resolve();
    await page.getByText("Nothing yet").waitFor();
  });
});
