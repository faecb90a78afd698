import { build } from "esbuild";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/root.ts";
import type { Stage } from "./browser.ts";
import { sharedStage } from "./stages.ts";

/** A storefront's page as somebody else would write it: every hook, in the development build of React, mounted twice. */
const SHOP = `
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createClient } from "./src/client/client.ts";
import { HoldfastProvider, useCart, useReservation, useStock, useStocks, useWaitlist } from "./src/client/react/hooks.ts";

function Shoe() {
  const { stock, connection } = useStock("shoe");
  const { reservation, secondsLeft, reserve, extend, release, isBusy, refusal, error } = useReservation("shoe");
  return <main data-connection={connection} data-busy={isBusy}>
    <p id="stock">{stock?.state} {stock?.available}</p>
    <p id="hold">{reservation ? reservation.status + " " + (secondsLeft ?? "-") : "none"}</p>
    <p id="refusal">{refusal?.code ?? "none"}</p>
    <p id="error">{error?.code ?? "none"}</p>
    <button onClick={() => reserve({ quantity: 1 })}>reserve</button>
    <button onClick={() => extend({ ttlSeconds: 600 })}>extend</button>
    <button onClick={release}>release</button>
  </main>;
}
function Line() {
  const { entry, join, leave } = useWaitlist("shoe");
  const { cart, open } = useCart({ sku: "laces" });
  return <section>
    <p id="entry">{entry ? entry.status + " " + (entry.position ?? "-") : "none"}</p>
    <p id="cart">{cart ? cart.status + " " + cart.lines.length : "none"}</p>
    <button onClick={() => join(1)}>join</button>
    <button onClick={leave}>leave</button>
    <button onClick={() => open({ lines: [{ sku: "laces", quantity: 1 }] })}>open</button>
  </section>;
}
function Size({ sku }) {
  return <li>{useStock(sku).stock?.available ?? "-"}</li>;
}
function Sizes() {
  const { stock } = useStocks(SIZES);
  const { connection } = useStocks([]);
  return <ul id="sizes" data-connection={connection}>
    {SIZES.map((sku) => <Size key={sku} sku={sku} />)}
    <li>{Object.values(stock).map(({ available }) => available).join(" ")}</li>
  </ul>;
}
const SIZES = ["s40", "s41", "s42", "s43", "s44"];
const client = createClient({ token: () => globalThis.token });
globalThis.outages = [];
addEventListener("unhandledrejection", ({ reason }) => globalThis.outages.push(String(reason)));
createRoot(document.body).render(
  <StrictMode><HoldfastProvider client={client}><Shoe /><Line />{globalThis.isWide && <Sizes />}</HoldfastProvider></StrictMode>);
`;

let stage: Stage;
let script: string;
beforeAll(async () => {
  stage = await sharedStage();
  for (const sku of ["shoe", "laces", "s40", "s41", "s42", "s43", "s44"])
    await stage.call("POST", "/v1/skus", { sku, name: sku, stock: 1 });
  const { outputFiles } = await build({
    stdin: { contents: SHOP, resolveDir: root, loader: "tsx" },
    bundle: true,
    write: false,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
  });
  script = outputFiles[0]?.text ?? "";
});
afterEach(() => stage.closePages());
afterAll(() => stage.close());

/** Mounts the page for a customer, as a load of it does. */
async function mount(customer: string, page?: Page, isWide = false): Promise<Page> {
  const token = await stage.tokenOf(customer);
  const mounted = page ?? (await stage.page("/healthz"));
  await mounted.goto(`${stage.url}/healthz`);
  await mounted.evaluate(
    `globalThis.token = ${JSON.stringify(token)}; globalThis.isWide = ${isWide}; document.body.innerHTML = ""`,
  );
  await mounted.addScriptTag({ content: script });
  return mounted;
}
const says = (page: Page, id: string, words: RegExp) => page.locator(`#${id}`, { hasText: words }).waitFor();
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

describe("the hooks in a page", () => {
  it("[CLI9] follow the stock and one's hold, find it again after a reload, and count it down", async () => {
    const page = await mount("ann");
    await says(page, "stock", /open 1/);
    await press(page, "reserve");
    await says(page, "hold", /held (900|899|898)/);
    await says(page, "stock", /held_elsewhere 0/);
    await mount("ann", page);
    await says(page, "hold", /held 8\d\d/);
    const before = await page.locator("#hold").textContent();
    await expect.poll(() => page.locator("#hold").textContent()).not.toBe(before);
    await press(page, "reserve");
    await says(page, "refusal", /insufficient-stock/);
  });

  it("[CLI9] join a line, are offered what comes back, and tell what became of a cart", async () => {
    const [ann, bob] = [await mount("ann"), await mount("bob")];
    await says(bob, "stock", /held_elsewhere 0/);
    await press(bob, "join");
    await says(bob, "entry", /waiting 1/);
    await press(ann, "release");
    await says(ann, "hold", /released -/);
    await says(bob, "entry", /offered -/);
    await says(bob, "hold", /held \d+/);
    await press(bob, "leave");
    await says(bob, "entry", /declined|withdrawn/);
    await press(bob, "open");
    await says(bob, "cart", /held 1/);
    await mount("bob", bob);
    await says(bob, "cart", /held 1/);
  });

  it("[CLI10] share one socket in a page, whichever of its parts asks first", async () => {
    const page = await stage.page("/healthz");
    const urls: string[] = [];
    page.on("websocket", (socket) => void urls.push(socket.url()));
    await mount("cid", page, true);
    await says(page, "sizes", /^11111(1 ?){5}$/);
    expect(urls.map((url) => new URL(url).searchParams.getAll("sku").length)).toEqual([6]);
  });

  it("[CLI11] show an outage of a press, which a button need not catch", async () => {
    const page = await mount("dot");
    await says(page, "stock", /1/);
    await page.route(/\/reservations$/, (route) =>
      route.fulfill({ status: 400, json: { code: "invalid-request", status: 400, detail: "no" } }),
    );
    await press(page, "reserve");
    await says(page, "error", /invalid-request/);
    expect(await page.evaluate("globalThis.outages")).toEqual([]);
  });
});
