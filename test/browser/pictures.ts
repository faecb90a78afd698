// npm run pictures: takes the pictures of docs/PAGES.md again, of the real pages in front of the real service.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { seedDemo } from "../../scripts/demo.ts";
import { root } from "../../scripts/root.ts";
import { startService } from "../../scripts/service.ts";
import { Stage } from "./browser.ts";
import { launchBrowser } from "./chromium.ts";
import { Operator } from "./operator.ts";
import { Crowd } from "./picture-crowd.ts";
import { add, choose, isLive, takeForRival } from "./shop-floor.ts";

/** How long the crowd shops before the console's pictures: its charts have a point a minute. */
const crowdMinutes = 3;
const pictures = join(root, "docs", "pictures");

const stateDir = await mkdtemp(join(tmpdir(), "holdfast-pictures-"));
const vars = { DEMO: "true", SHOPPER_CONFIRM: "true" };
const [service, browser] = [await startService({ port: 0, stateDir, vars }), await launchBrowser()];
const stage = await Stage.open(service, browser.wsEndpoint(), service.stop);
try {
  await mkdir(pictures, { recursive: true });
  const crowd = await Crowd.gather(stage);
  const shopping = crowd.shop(crowdMinutes * 60_000);
  await seedDemo(stage.url, stage.admin);
  await takeShop();
  await shopping;
  await takeConsole(crowd.sku);
} finally {
  await stage.close();
  await browser.close();
  await rm(stateDir, { recursive: true, force: true });
}

async function takeShop(): Promise<void> {
  for (let taken = 0; taken < 2; taken += 1) await takeForRival(stage, "demo-shoe-40");
  await takeForRival(stage, "demo-shoe-41");
  await sellOut("demo-shoe-43", 5);
  const desk = await shopper(false);
  await choose(desk, "demo-shoe-40");
  await keep(desk, "shop-desk");

  const phone = await shopper(true);
  await choose(phone, "demo-shoe-42");
  await phone.getByRole("checkbox").check();
  await add(phone, "demo-shoe-42");
  await keep(phone, "shop-phone");

  const late = await shopper(true);
  await choose(late, "demo-shoe-41");
  await keep(late, "shop-phone-gone");
}

async function takeConsole(sku: string): Promise<void> {
  const desk = await Operator.signIn(stage, "#/");
  await keep(desk.page, "console-desk");
  await desk.goTo(`#/skus/${sku}`);
  await keep(desk.page, "console-sku");
  const phone = await Operator.signIn(stage, "#/", true);
  await keep(phone.page, "console-phone");
}

async function sellOut(sku: string, units: number): Promise<void> {
  for (let sold = 0; sold < units; sold += 1) {
    const id = await takeForRival(stage, sku);
    await stage.call("POST", `/v1/skus/${sku}/reservations/${id}/confirm`, {}, stage.storefront);
  }
}

async function shopper(phone: boolean): Promise<Page> {
  const page = await stage.page("/shop/", { phone });
  await isLive(page);
  return page;
}

/** Keeps what one sees without scrolling, once it has come to rest. */
async function keep(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(2_500);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  console.log(`docs/pictures/${name}.png`);
}
