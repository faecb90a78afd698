import { existsSync } from "node:fs";
import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildClient } from "./build.ts";
import { root } from "./root.ts";
import { output } from "./run.ts";

/** What npm would install beside the client, and what a storefront with React has anyway. */
const others = ["partysocket", "zod", "react", "react-dom", "scheduler", "@types", "csstype"];

/** Somebody else's project, in a folder of its own, with the client as it is packed and installed. */
export async function makeStorefront(): Promise<string> {
  await buildClient();
  const folder = await mkdtemp(join(tmpdir(), "holdfast-storefront-"));
  const modules = join(folder, "node_modules");
  const client = join(modules, "holdfast");
  await mkdir(client, { recursive: true });
  const [packed] = JSON.parse(
    await output("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]),
  );
  await output("tar", ["-xzf", join(folder, packed.filename), "-C", client, "--strip-components=1"]);
  for (const name of others) {
    const installed = join(root, "node_modules", name);
    if (existsSync(installed)) await symlink(installed, join(modules, name));
  }
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}
