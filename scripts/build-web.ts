import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { root } from "./root.ts";

/** Builds the pages, into the folder that wrangler.toml names. */
export async function buildWeb(): Promise<void> {
  const { NODE_ENV } = process.env;
  // A test runner says "test", for which Vite would build other pages than those that are served.
  process.env.NODE_ENV = "production";
  try {
    await build({ configFile: join(root, "vite.config.ts"), root: join(root, "src", "web"), logLevel: "warn" });
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}

/** Builds the pages unless they were; what wrangler reads has to be there, whatever is in it. */
export async function ensureWeb(): Promise<void> {
  if (!existsSync(join(root, "build", "web", "shop", "index.html"))) await buildWeb();
}

if (import.meta.main) await buildWeb();
