import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { root } from "./root.ts";
import { output } from "./run.ts";

/** Applies the pending D1 migrations to the local database under `persistDir`, where wrangler and Miniflare look. */
export async function migrateLocal(persistDir: string, configPath: string): Promise<void> {
  const folder = resolve(root, persistDir, "v3", "d1");
  const stampPath = join(folder, "migrated");
  const stamp = await fingerprint(configPath);
  if (stamp === (await readStamp(stampPath))) return;
  const options = ["--config", configPath, "--local", "--persist-to", persistDir];
  await output("wrangler", ["d1", "migrations", "apply", "DB", ...options]);
  await mkdir(folder, { recursive: true });
  await writeFile(stampPath, stamp);
}

// wrangler takes seconds to find that nothing is pending; a restart after a crash should not.
async function fingerprint(configPath: string): Promise<string> {
  const hash = createHash("sha256");
  const folder = join(root, "migrations");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const path of [resolve(root, configPath), ...names.map((name) => join(folder, name))]) {
    hash.update(path).update(await readFile(path));
  }
  return hash.digest("hex");
}

async function readStamp(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
