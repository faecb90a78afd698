import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./root.ts";
import { output } from "./run.ts";

/** Applies the pending D1 migrations to the local database under `persistDir`, where wrangler and Miniflare look. */
export async function migrateLocal(persistDir: string): Promise<void> {
  const folder = join(persistDir, "v3", "d1");
  const stampPath = join(folder, "migrated");
  const stamp = await fingerprint();
  if (stamp === (await readStamp(stampPath))) return;
  await output("wrangler", ["d1", "migrations", "apply", "DB", "--local", "--persist-to", persistDir]);
  await mkdir(folder, { recursive: true });
  await writeFile(stampPath, stamp);
}

// wrangler takes seconds to find that nothing is pending; a restart after a crash should not.
async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  const folder = join(root, "migrations");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const path of [join(root, "wrangler.toml"), ...names.map((name) => join(folder, name))]) {
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
