// npm pack and npm run check: the client as other projects import it, in dist/.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./root.ts";
import { run } from "./run.ts";

const entries = { client: "client.ts", stores: "stores/stores.ts", react: "react/hooks.ts" };

/** Writes the modules that `exports` in package.json names, what they share, and their types. */
export async function buildClient(): Promise<void> {
  const dist = join(root, "dist");
  await rm(dist, { recursive: true, force: true });
  await build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, path]) => [name, join(root, "src", "client", path)]),
    ),
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    sourcemap: true,
    // Libraries are the business of whoever bundles the storefront: there has to be one React.
    packages: "external",
  });
  if ((await run("tsc", ["-p", "src/client"])) !== 0) throw new Error("the client's types could not be written");
}

if (import.meta.main) await buildClient();
