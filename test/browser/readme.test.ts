import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seedDemo } from "../../scripts/demo.ts";
import { root } from "../../scripts/root.ts";
import { makeStorefront } from "../../scripts/storefront.ts";
import type { Drop, Sku } from "../../src/client/client.ts";
import type { Stage } from "./browser.ts";
import { ownStage } from "./stages.ts";

const run = promisify(execFile);
const readme = await readFile(join(root, "README.md"), "utf8");
const tutorial = await readFile(join(root, "docs", "TUTORIAL.md"), "utf8");
const client = await readFile(join(root, "docs", "CLIENT.md"), "utf8");

let stage: Stage;
let storefront: string;
beforeAll(async () => {
  storefront = await makeStorefront();
  stage = await ownStage();
  // As `npm start` does, while somebody is too early.
  const seeded = { is: false };
  const bird = beEarly(seeded);
  await seedDemo(stage.url, stage.admin);
  seeded.is = true;
  await bird;
});
afterAll(async () => {
  await stage.close();
  await rm(storefront, { recursive: true, force: true });
});

describe("the demo", () => {
  it("has all its sizes in its drop and on sale, whoever came too early", async () => {
    const { skus } = await stage.call<Drop>("GET", "/v1/drops/demo-drop");
    expect(skus).toHaveLength(6);
    for (const sku of skus) expect((await read(sku)).state).toMatch(/^(open|held_elsewhere)$/);
  });

  it("is left as operators want it when it is started again", async () => {
    await stage.call("PATCH", "/v1/skus/demo-shoe-39", { policy: { paused: true } });
    expect(await seedDemo(stage.url, stage.admin)).toContain("as it was left");
    expect((await read("demo-shoe-39")).state).toBe("paused");
  });
});

describe("README", () => {
  it("walks from a new SKU to a sale, as written", async () => {
    expect(await answersOf(snippets(readme, "sh", "curl"))).toMatchObject([
      { sku: "shoe-42", stock: 500 },
      { status: "confirmed", orderId: "order-1" },
    ]);
  });
});

describe("the tutorial", () => {
  it("walks through a drop, as written, whoever comes too early", async () => {
    const early = `send POST /v1/skus/noon-41/reservations "$SHOP" '{"customer":"early","quantity":1}'`;
    const script = snippets(tutorial, "sh", "")
      .join("\n")
      .replace("send POST /v1/drops", `${early}\n   send POST /v1/drops`);
    expect(await answersOf([script])).toMatchObject([
      ...["noon-41", "noon-42", "laces"].map((sku) => ({ sku, state: "paused" })),
      { code: "paused" },
      { drop: "noon", skus: ["noon-41", "noon-42"], perCustomerLimit: 1 },
      ...["noon-41", "noon-42", "laces"].map((sku) => ({ sku, state: "open" })),
      { customer: "alice", status: "held" },
      { code: "limit-exceeded", scope: "drop" },
      { customer: "bob", status: "waiting", position: 1 },
    ]);
  });
});

describe("the client's page", () => {
  it("buys with buy.mjs, as written", async () => {
    const [script] = snippets(client, "js", "// buy.mjs");
    await writeFile(join(storefront, "buy.mjs"), String(script));
    const { stdout } = await run(process.execPath, ["buy.mjs"], { cwd: storefront });
    expect(stdout).toMatch(/^held for 1\d\d seconds$/m);
    expect(stdout).toMatch(/^25 left, open \(live\)$/m);
  });

  it("holds and releases with React, as written", async () => {
    const [contents] = snippets(client, "jsx", "// shoe.jsx");
    const { outputFiles } = await build({
      stdin: { contents: String(contents), loader: "jsx", resolveDir: storefront },
      jsx: "automatic",
      bundle: true,
      format: "esm",
      write: false,
      define: { "process.env.NODE_ENV": '"production"' },
    });
    const server = createServer((_request, response) => {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(`<div id="root"></div><script type="module">${outputFiles[0]?.text}</script>`);
    });
    await new Promise<void>((done) => server.listen(0, done));
    const page = await stage.page("/healthz");
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    await page.getByRole("button", { name: "Buy one of 25" }).click();
    await page.getByRole("button", { name: /^1\d\d s left\. Remove$/ }).click();
    await page.getByRole("button", { name: "Buy one of 25" }).waitFor();
    expect(complaints).toEqual([]);
    server.close();
  });
});

/** What these shell scripts print, one JSON document a line, when they run one after another. */
async function answersOf(scripts: string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", scripts.join("\n")], { cwd: root });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** A page's blocks in this language that have these words, for the service of the test. */
function snippets(page: string, language: string, words: string): string[] {
  const blocks = page.matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\`$`, "gms"));
  const found = [...blocks].map(([, block = ""]) => block).filter((block) => block.includes(words));
  expect(found).not.toEqual([]);
  return found.map((block) => block.replaceAll("http://localhost:8787", stage.url));
}

async function beEarly(seeded: { is: boolean }): Promise<void> {
  while (!seeded.is) {
    const body = { customer: `early-${randomUUID()}`, quantity: 1 };
    await stage.call("POST", "/v1/skus/demo-shoe-41/reservations", body, stage.storefront).catch(() => null);
  }
}

function read(sku: string): Promise<Sku> {
  return stage.call("GET", `/v1/skus/${sku}`);
}
