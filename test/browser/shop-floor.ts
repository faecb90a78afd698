import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import type { Stage } from "./browser.ts";

export interface Drop {
  drop: string;
  /** By the last two figures of their names. */
  sku: (size: number) => string;
}

/** Puts a drop of its own on sale: sizes with their stock, one pair per customer unless told otherwise, laces beside it. */
export async function openDrop(
  stage: Stage,
  stock: Record<number, number>,
  { opensAt = null, perCustomerLimit = 1, ...policy }: Record<string, unknown> = {},
): Promise<Drop> {
  const drop = `drop-${randomUUID().slice(0, 8)}`;
  const sku = (size: number) => `${drop}-${size}`;
  const skus = Object.keys(stock).map((size) => sku(Number(size)));
  for (const [size, units] of Object.entries(stock)) {
    const name = `Low Tide 01, EU ${size}`;
    await stage.call("POST", "/v1/skus", { sku: sku(Number(size)), name, stock: units, policy });
  }
  await stage.call("POST", "/v1/skus", { sku: `${drop}-laces`, name: "Waxed laces, 120 cm", stock: 9, policy });
  await stage.call("POST", "/v1/drops", { drop, name: "Low Tide 01", skus, perCustomerLimit, opensAt });
  return { drop, sku };
}

/** A shopper of this drop, who has come in and sees it live. */
export async function visit(stage: Stage, { drop }: Drop, options: { phone?: boolean } = {}): Promise<Page> {
  const page = await stage.page(`/shop/?drop=${drop}`, options);
  await isLive(page);
  return page;
}

/** Waits until the page says that it is live. */
export async function isLive(page: Page): Promise<void> {
  await page.getByTestId("connection").getByText("Live", { exact: true }).waitFor();
}

/** Waits for words on the page. */
export async function see(page: Page, words: string | RegExp): Promise<void> {
  await page.getByText(words).first().waitFor();
}

/** Waits for a size's button to say this. */
export async function seeSize(page: Page, sku: string, words: string): Promise<void> {
  await page.locator(`[data-sku="${sku}"]`).getByText(words, { exact: true }).waitFor();
}

export async function choose(page: Page, sku: string): Promise<void> {
  await page.locator(`[data-sku="${sku}"]`).click();
}

/** Presses what a button is called, or begins with. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole("button", { name }).click();
}

/** Presses that button of each page at one moment, before any of them can hear of the others. */
export async function pressTogether(pages: readonly Page[], name: RegExp): Promise<void> {
  const at = Date.now() + 500;
  const buttons = pages.map((page) => page.getByRole("button", { name }));
  const click = (button: Node, then: number) =>
    new Promise<void>((done) => {
      setTimeout(() => done((button as HTMLElement).click()), then - Date.now());
    });
  await Promise.all(buttons.map((button) => button.evaluate(click, at)));
}

/** Chooses a size, puts it into the cart and sees it there. */
export async function add(page: Page, sku: string): Promise<void> {
  await choose(page, sku);
  await press(page, /^Add to cart/);
  await page.getByRole("heading", { name: "In your cart" }).waitFor();
}

/** Pays for what is held, with the card of this name. */
export async function pay(page: Page, card: string): Promise<void> {
  await press(page, /^(Pay|Take it for) \$/);
  const bank = page.getByRole("dialog");
  await bank.getByRole("radio", { name: card }).check();
  await bank.getByRole("button", { name: /^Pay \$/ }).click();
}

/** Takes units for somebody else, as soon as they are to be had. */
export async function takeForRival(stage: Stage, sku: string): Promise<string> {
  for (;;) {
    const body = { quantity: 1, customer: `rival-${randomUUID()}`, ttlSeconds: 60 };
    const taken = await stage
      .call<{ id: string }>("POST", `/v1/skus/${sku}/reservations`, body, stage.storefront)
      .catch((error: unknown) => {
        if (String(error).includes(" 409 ")) return null;
        throw error;
      });
    if (taken !== null) return taken.id;
    await new Promise((then) => setTimeout(then, 50));
  }
}

/** Gives back what was taken for somebody else. */
export async function giveBack(stage: Stage, sku: string, id: string): Promise<void> {
  await stage.call("POST", `/v1/skus/${sku}/reservations/${id}/release`, {}, stage.storefront);
}

/** Takes back what was bought of this SKU, and puts it on sale again. */
export async function takeReturn(stage: Stage, sku: string): Promise<void> {
  const { items } = await stage.call<{ items: { id: string }[] }>("GET", `/v1/reservations?sku=${sku}`);
  const answer = await fetch(`${stage.url}/v1/skus/${sku}/reservations/${items[0]?.id}/return`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${stage.admin}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
    body: JSON.stringify({ restock: true }),
  });
  if (!answer.ok) throw new Error(`no return: ${answer.status} ${await answer.text()}`);
}

/** Joins the waitlist of EU 41, and sees the place. */
export async function queueUp(page: Page, sku: string): Promise<void> {
  await choose(page, sku);
  await press(page, "Join the waitlist");
  await page.getByRole("heading", { name: "You’re in line for EU 41" }).waitFor();
}

/** Marks a page, and later tells whether it is still the same load of it. */
export async function mark(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate("globalThis.isMarked = true");
  return () => page.evaluate("globalThis.isMarked === true");
}
