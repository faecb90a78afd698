// A part of npm run check: the client is small enough, and works from another project once it is packed and installed.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./root.ts";
import { output } from "./run.ts";
import { makeStorefront } from "./storefront.ts";

/** Everything of `holdfast/client`, partysocket included: a product page loads it before anything can be bought. */
const clientGzipBytesMax = 8_000;

/** A storefront, as somebody else would write it: both entry points, with their types. */
const storefront = `
import { createClient, HoldfastError, type Refusal } from "holdfast/client";
import { HoldfastProvider, useCart, useReservation, useStock, useWaitlist } from "holdfast/react";
import { StockStore } from "holdfast/stores";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

const client = createClient({ url: "http://localhost:1", token: () => "token" });

export async function buy(): Promise<string> {
  const result = await client.reservations.reserve("shoe", { quantity: 1 });
  if (result.ok) return result.value.expiresAt;
  const { refusal } = result;
  if (refusal.code === "insufficient-stock") return refusal.state === "sold_out" ? "gone" : String(refusal.available);
  // A reserve is never refused for this.
  const isNever: Extract<typeof refusal, { code: "sku-exists" }> extends never ? true : false = true;
  if (!isNever) return "";
  return (refusal satisfies Refusal).detail;
}

function Page() {
  const { stock, connection } = useStock("shoe");
  const { reservation, secondsLeft } = useReservation("shoe");
  const { cart } = useCart({ sku: "shoe" });
  const { entry } = useWaitlist("shoe");
  // Whether anything is known has to be asked first.
  const isUnknown: null extends typeof stock ? true : false = true;
  if (!isUnknown) return null;
  return createElement("p", null, connection, stock?.available, reservation?.status, secondsLeft, cart?.id, entry?.position);
}
const page = renderToString(createElement(HoldfastProvider, { client }, createElement(Page)));
const isRight = page === "<p>connecting</p>" && new StockStore(client, "shoe").get().connection === "connecting";
if (!isRight || typeof HoldfastError !== "function") throw new Error(page);
`;

const failed = [await sizeFault(), await installFault()].filter((fault) => fault !== null);
for (const fault of failed) console.error(fault);
process.exitCode = failed.length === 0 ? 0 : 1;

async function sizeFault(): Promise<string | null> {
  const { outputFiles } = await build({
    entryPoints: [join(root, "src", "client", "client.ts")],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  const bytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).byteLength;
  console.log(`holdfast/client: ${bytes} of ${clientGzipBytesMax} bytes, minified and compressed`);
  return bytes > clientGzipBytesMax ? "holdfast/client is too large" : null;
}

/** Checks the types of a storefront that imports the packed client, and runs it. */
async function installFault(): Promise<string | null> {
  const folder = await makeStorefront();
  try {
    await writeFile(join(folder, "storefront.ts"), storefront);
    const options = { strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom"], types: [] };
    for (const [module, moduleResolution] of [
      ["esnext", "bundler"],
      ["nodenext", "nodenext"],
    ]) {
      const compilerOptions = { ...options, module, moduleResolution };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["storefront.ts"] }));
      await output("tsc", ["-p", folder]);
    }
    await output("node", [join(folder, "storefront.ts")]);
    return null;
  } catch (error) {
    return `holdfast cannot be used from another project: ${error instanceof Error ? error.message : error}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
