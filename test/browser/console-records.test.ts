import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Analytics, Page as ListPage, Reservation, ReservationAnswer } from "../../src/client/client.ts";
import type { Stage } from "./browser.ts";
import { Operator } from "./operator.ts";
import { ownStage } from "./stages.ts";

let stage: Stage;
let operator: Operator;
let receiver: Server;
const received: string[] = [];

beforeAll(async () => {
  stage = await ownStage();
  receiver = createServer((request, response) => {
    received.push(String(request.headers["webhook-id"]));
    request.resume();
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await stage.call("POST", "/v1/skus", { sku: "POSTER", name: "Poster", stock: 6 });
  await stage.call("POST", "/v1/drops", { drop: "posters", name: "Posters", skus: ["POSTER"] });
  await sell();
  operator = await Operator.signIn(stage, "#/skus/POSTER");
});
afterAll(async () => {
  receiver.close();
  await stage.close();
});

const reservations = "/v1/skus/POSTER/reservations";

/** Six units are held by as many customers, two of them buy, and three customers more are refused. */
async function sell(): Promise<void> {
  const holds: ReservationAnswer[] = [];
  for (const customer of ["ann", "ben", "cid", "dot", "eve", "fay"]) {
    holds.push(await stage.call("POST", reservations, { quantity: 1, customer }, stage.storefront));
  }
  for (const { id } of holds.slice(0, 2)) {
    await stage.call("POST", `${reservations}/${id}/confirm`, { orderId: `order-${id}` }, stage.storefront);
  }
  const late = ["gus", "hal", "ida"].map((customer) =>
    stage.call("POST", reservations, { quantity: 1, customer }, stage.storefront).catch(() => null),
  );
  expect(await Promise.all(late)).toEqual([null, null, null]);
}

/** The sum of a column of the table behind a chart. */
async function sumOf(chart: string, column: string): Promise<number> {
  const figure = operator.page.locator(`[data-chart="${chart}"]`);
  if (!(await figure.locator("table").isVisible())) await figure.getByText("Numbers").click();
  return figure.locator("table").evaluate((table, name) => {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent);
    const cells = table.querySelectorAll(`tbody tr > :nth-child(${heads.indexOf(name) + 1})`);
    return [...cells].reduce((sum, cell) => sum + Number(cell.textContent), 0);
  }, column);
}

/** Whether anything was drawn; in the browser's own words, which these tests do not have the types of. */
interface Canvas {
  width: number;
  height: number;
  getContext: (kind: "2d") => {
    getImageData: (x: number, y: number, width: number, height: number) => { data: Uint8ClampedArray };
  };
}
function hasInk(canvas: unknown): boolean {
  const { width, height, getContext } = canvas as Canvas;
  return getContext
    .call(canvas, "2d")
    .getImageData(0, 0, width, height)
    .data.some((value) => value > 0);
}

describe("charts", () => {
  it.each(["#/skus/POSTER", "#/drops/posters"])("show what the service counted: %s", async (hash) => {
    await operator.goTo(hash);
    // Refusals are counted up to ten seconds late.
    await operator.page.locator('[data-chart="Refusals by reason"] .legend b', { hasText: /^3$/ }).waitFor();
    const path = hash.replace("#", "/v1");
    const { totals, holdToConfirm } = await stage.call<Analytics>("GET", `${path}/analytics`);
    expect(totals).toMatchObject({ attempts: 9, holds: 6, confirms: 2 });
    // The last minute is not over: what came in it is divided by less than a minute.
    const flow = async (column: string) => Math.round(60 * (await sumOf("Attempts and holds per second", column)));
    expect(await flow("Attempts")).toBeGreaterThanOrEqual(totals.attempts);
    expect(await flow("Holds")).toBeGreaterThanOrEqual(totals.holds);
    expect(await flow("Confirms")).toBeGreaterThanOrEqual(totals.confirms);
    expect(await sumOf("Refusals by reason", "held elsewhere")).toBe(totals.refusals.held_elsewhere);
    const confirmed = holdToConfirm.reduce((sum, each) => sum + each.count, 0);
    expect(await sumOf("From hold to confirmation", "Confirmations")).toBe(confirmed);
    const legend = operator.page.locator('[data-chart="Stock over time"] .legend');
    expect(await legend.textContent()).toMatch(/Sold 2\s*Held 4\s*Available 0/);
    const conversion = operator.page.locator('[data-chart="Conversion so far"] .legend');
    expect(await conversion.textContent()).toContain("Bought 33.3%");
  });

  it("are drawn", async () => {
    const drawn = operator.page.locator('[data-chart="Stock over time"] canvas');
    expect(await drawn.evaluate(hasInk)).toBe(true);
  });
});

describe("reservations", () => {
  const table = () => operator.page.locator("tr[data-reservation]");
  async function find(customer: string): Promise<void> {
    await operator.goTo("#/reservations");
    await operator.page.getByLabel("Customer", { exact: true }).fill(customer);
    await operator.press("Search");
    await table().filter({ hasText: customer }).waitFor();
    await expect.poll(() => table().count()).toBe(1);
    await operator.press(`Open reservation of ${customer}`);
  }
  const statusOf = async (customer: string) =>
    (await stage.call<ListPage<Reservation>>("GET", `/v1/reservations?customer=${customer}`)).items[0]?.status;

  it("are found by SKU and status, and by their address", async () => {
    await operator.goTo("#/reservations?sku=POSTER&status=held");
    await table().nth(3).waitFor();
    expect(await table().count()).toBe(4);
    expect(await operator.page.getByLabel("Status").inputValue()).toBe("held");
  });

  it("are released after a question", async () => {
    await find("cid");
    await operator.press("Release…");
    await operator.press("Release", operator.dialog);
    await operator.hears("1 unit of POSTER released.");
    await operator.press("Close", operator.dialog);
    await table().locator(".mark:visible", { hasText: "released" }).waitFor();
    await expect.poll(() => statusOf("cid")).toBe("released");
  });

  it("are confirmed with the order", async () => {
    await find("dot");
    await operator.press("Confirm…");
    await operator.fill({ Order: "by-phone-7" });
    await operator.press("Confirm", operator.dialog);
    await operator.hears("1 unit of POSTER sold to dot.");
    await operator.press("Close", operator.dialog);
    await table().getByText("by-phone-7").waitFor();
  });

  it("that were bought are returned", async () => {
    await find("ann");
    await operator.press("Return…");
    await operator.press("Take back", operator.dialog);
    await operator.hears("1 unit of POSTER taken back from ann.");
    await operator.press("Close", operator.dialog);
    await expect.poll(() => statusOf("ann")).toBe("returned");
  });
});

describe("webhooks", () => {
  const delivery = () => operator.page.locator("tr[data-delivery]");

  it("are registered with a secret that is shown once, and their deliveries are seen and sent again", async () => {
    const { port } = receiver.address() as AddressInfo;
    await operator.goTo("#/webhooks");
    await operator.press("New webhook");
    await operator.fill({ URL: `http://127.0.0.1:${port}/holdfast` });
    await operator.press("Register", operator.dialog);
    await operator.page.locator("[data-secret]", { hasText: /^whsec_/ }).waitFor();
    await operator.press("Done", operator.dialog);
    await operator.page.getByRole("heading", { name: "Webhook" }).waitFor();
    await stage.call("POST", reservations, { quantity: 1, customer: "joy" }, stage.storefront);
    await delivery().filter({ hasText: "reservation.held" }).getByText("delivered").waitFor();
    const before = received.length;
    const [event = ""] = received;
    await operator.press(`Send again ${event}`);
    await operator.hears("is sent again.");
    await expect.poll(() => received.length).toBeGreaterThan(before);
    expect(received.at(-1)).toBe(event);
  });

  it("get another secret, and all since a time again", async () => {
    await operator.press("Rotate secret");
    await operator.press("Rotate", operator.dialog);
    await operator.page.locator("[data-secret]", { hasText: /^whsec_/ }).waitFor();
    await operator.press("Done", operator.dialog);
    const before = received.length;
    await operator.press("Send again since…");
    await operator.press("Send again", operator.dialog);
    await operator.hears("Everything since then is sent again.");
    await expect.poll(() => received.length).toBeGreaterThan(before + 1);
  });

  it("are deleted after a question", async () => {
    await operator.press("Delete");
    await operator.press("Delete", operator.dialog);
    await operator.hears("The webhook is deleted.");
    await operator.page.getByRole("heading", { name: "Webhooks" }).waitFor();
  });
});

it("shows how the service is, SKU by SKU", async () => {
  await operator.goTo("#/health");
  await operator.sees("D1", "ok");
  await operator.sees("Events not in D1", "0");
  await operator.page.locator('tr[data-health="POSTER"]').waitFor();
});

describe("everybody can use it", () => {
  const pages = ["#/", "#/skus/POSTER", "#/drops/posters", "#/reservations", "#/webhooks", "#/health"];
  /** What stands between some people and the page. */
  async function faultsOf({ page }: Operator): Promise<string[]> {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }

  it.each(["light", "dark"] as const)("axe finds no serious fault in the %s", async (colorScheme) => {
    await operator.page.emulateMedia({ colorScheme });
    for (const hash of pages) {
      await operator.goTo(hash);
      await operator.page.locator("main td:visible, main .empty:visible").first().waitFor();
      expect(await faultsOf(operator), hash).toEqual([]);
    }
    await operator.goTo("#/");
    await operator.press("New SKU");
    expect(await faultsOf(operator), "a dialog").toEqual([]);
    await operator.press("Cancel", operator.dialog);
  });

  it("fits a phone: no page is wider than the screen", async () => {
    const other = await Operator.signIn(stage, "#/", true);
    for (const hash of pages) {
      await other.goTo(hash);
      await other.page.locator("main td:visible, main .empty:visible").first().waitFor();
      expect(await other.page.evaluate("document.documentElement.scrollWidth"), hash).toBe(390);
    }
    expect(await faultsOf(other)).toEqual([]);
  });

  it("by keyboard: a dialog takes the focus and gives it back", async () => {
    await operator.goTo("#/");
    const button = operator.page.getByRole("button", { name: "Pause POSTER" });
    await button.focus();
    await operator.page.keyboard.press("Enter");
    await operator.dialog.waitFor();
    await operator.page.keyboard.press("Escape");
    await operator.dialog.waitFor({ state: "detached" });
    expect(await button.evaluate((element) => element.matches(":focus"))).toBe(true);
  });
});
