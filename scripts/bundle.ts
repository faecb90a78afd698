import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { output } from "./run.ts";

const moduleTypes = {
  ".js": "ESModule",
  ".txt": "Text",
  ".html": "Text",
  ".sql": "Text",
  ".bin": "Data",
  ".wasm": "CompiledWasm",
} as const;

type ModuleType = (typeof moduleTypes)[keyof typeof moduleTypes];
export type BundledModule = { type: ModuleType; path: string; contents: Uint8Array<ArrayBuffer> };

const entryName = "worker.js";

/** The modules that `wrangler deploy` would upload, the entry first. */
export async function bundleWorker(configPath: string): Promise<BundledModule[]> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-bundle-"));
  try {
    await bundleInto(folder, configPath);
    return await readBundle(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Leaves those modules in a folder, for `readBundle`. */
export async function bundleInto(folder: string, configPath: string): Promise<void> {
  await output("wrangler", ["deploy", "--config", configPath, "--dry-run", "--outdir", folder]);
}

export async function readBundle(folder: string): Promise<BundledModule[]> {
  const names = (await readdir(folder)).sort((a, b) => Number(b === entryName) - Number(a === entryName));
  const modules: BundledModule[] = [];
  for (const name of names) {
    const type = moduleTypeOf(name);
    if (type) modules.push({ type, path: name, contents: new Uint8Array(await readFile(join(folder, name))) });
  }
  return modules;
}

function moduleTypeOf(name: string): ModuleType | undefined {
  const extension = extname(name);
  return Object.entries(moduleTypes).find(([known]) => known === extension)?.[1];
}
