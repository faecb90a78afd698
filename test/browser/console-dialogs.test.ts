import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Webhook } from "../../src/client/client.ts";
import { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";

let stage: Stage;
let operator: Operator;
beforeAll(async () => {
  stage = await Stage.open();
  await stage.call("POST", "/v1/skus", { sku: "CAP", name: "Cap", stock: 100 });
  operator = await Operator.signIn(stage);
});
afterAll(() => stage.close());

describe("a fault of the console itself", () => {
  it("does not come of a mistyped year", async () => {
    await operator.goTo("#/skus/CAP");
    await operator.press("Edit");
    await operator.dialog.getByLabel("Opens", { exact: true }).evaluate(typeYearOfFiveDigits);
    await operator.press("Save", operator.dialog);
    expect(await operator.dialog.getByLabel("Opens", { exact: true }).inputValue()).toMatch(/^20266-/);
    await operator.press("Cancel", operator.dialog);
  });

  it("leaves the way to the other pages, and back when it is over", async () => {
    const { page } = operator;
    const nonsense = { id: "r", sku: "CAP", customer: "ann", quantity: 1, status: "held", createdAt: "nonsense" };
    await page.route("**/v1/reservations?*", (route) =>
      route.fulfill({ json: { items: [nonsense], nextCursor: null } }),
    );
    await operator.goTo("#/reservations");
    await page.getByRole("heading", { name: "This page cannot be shown" }).waitFor();
    await page.getByRole("link", { name: "Stock" }).click();
    await page.locator('tr[data-sku="CAP"]').waitFor();
    await page.getByRole("link", { name: "Reservations" }).click();
    await page.getByRole("heading", { name: "This page cannot be shown" }).waitFor();
    await page.unroute("**/v1/reservations?*");
    await operator.press("Try again");
    await page.getByText("No reservation matches.").waitFor();
  });
});

/** As somebody does who holds a key too long; in the browser's own words, which these tests do not have the types of. */
function typeYearOfFiveDigits(input: unknown): void {
  const { HTMLInputElement, Event } = globalThis as unknown as {
    HTMLInputElement: { prototype: object };
    Event: new (type: string, options: object) => unknown;
  };
  const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
  setter?.call(input, "20266-01-01T10:00:00");
  (input as { dispatchEvent: (event: unknown) => void }).dispatchEvent(new Event("input", { bubbles: true }));
}

describe("a delivery that is pending", () => {
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

  it("is sent again at once when somebody wants it", async () => {
    const { port } = receiver.address() as AddressInfo;
    const { id } = await stage.call<Webhook>("POST", "/v1/webhooks", {
      url: `http://127.0.0.1:${port}/`,
      events: ["reservation.held"],
    });
    await stage.call("POST", "/v1/skus/CAP/reservations", { quantity: 1, customer: "joy" }, stage.storefront);
    await operator.goTo(`#/webhooks/${id}`);
    const delivery = operator.page.locator("tr[data-delivery]", { hasText: "reservation.held" });
    await delivery.getByRole("cell", { name: "500", exact: true }).waitFor();
    status = 204;
    await delivery.getByRole("button").click();
    await delivery.getByText("delivered").waitFor();
  });
});
