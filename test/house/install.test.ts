import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const LOCK = { packages: { "": {}, "node_modules/zod": { integrity: "new" }, "node_modules/mac": { optional: true } } };
/** Installs as npm does: removes what there is, takes its time, and writes its own lock file last. */
const NPM = `#!/bin/sh
echo "$@" >> calls
rm -rf node_modules
sleep 0.5
mkdir node_modules
echo '{"packages":{"node_modules/zod":{"integrity":"new"}}}' > node_modules/.package-lock.json
`;

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-install-"));
  for (const name of ["scripts", "tools", ".wrangler"]) await mkdir(join(folder, name));
  for (const name of ["bootstrap.mjs", "install.mjs"])
    await cp(join(root, "scripts", name), join(folder, "scripts", name));
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(LOCK));
  await npmIs(NPM);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function npmIs(script: string): Promise<void> {
  await writeFile(join(folder, "tools", "npm"), script);
  await chmod(join(folder, "tools", "npm"), 0o755);
}

async function installed(integrity: string): Promise<void> {
  await mkdir(join(folder, "node_modules"));
  const present = { packages: { "node_modules/zod": { integrity } } };
  await writeFile(join(folder, "node_modules", ".package-lock.json"), JSON.stringify(present));
}

/** Has bootstrap run `echo ready`; what it printed, and how it ended. */
async function start(): Promise<{ code: number; stdout: string }> {
  const child = bootstrap();
  let stdout = "";
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  const [code] = await once(child, "close");
  return { code, stdout };
}

function bootstrap() {
  const env = { ...process.env, PATH: [join(folder, "tools"), process.env.PATH].join(delimiter) };
  return spawn(process.execPath, [join(folder, "scripts", "bootstrap.mjs"), "echo", "ready"], { env });
}

async function calls(): Promise<string[]> {
  const text = await readFile(join(folder, "calls"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

const READY = { code: 0, stdout: "ready\n" };

describe("the first command in a fresh clone", { timeout: 30_000 }, () => {
  it("installs what the lock file says with npm ci, and the next one nothing", async () => {
    expect(await start()).toEqual(READY);
    expect(await calls()).toEqual([expect.stringMatching(/^ci /)]);
    expect(await start()).toEqual(READY);
    expect(await calls()).toHaveLength(1);
  });

  it("installs again once the lock file asks for something else, and not for another platform's packages", async () => {
    await installed("new");
    expect(await start()).toEqual(READY);
    expect(await calls()).toEqual([]);
    await rm(join(folder, "node_modules"), { recursive: true });
    await installed("old");
    expect(await start()).toEqual(READY);
    expect(await calls()).toHaveLength(1);
  });

  it("installs once for all who start at the same time", async () => {
    expect(await Promise.all([start(), start(), start()])).toEqual([READY, READY, READY]);
    expect(await calls()).toHaveLength(1);
  });

  it("takes over from a process that was killed, and waits for its npm if that goes on", async () => {
    const lock = join(folder, ".wrangler", "install.lock");
    await symlink("999999999", lock);
    const killed = bootstrap();
    await expect.poll(calls, { timeout: 10_000 }).toHaveLength(1);
    await expect.poll(() => readlink(lock)).not.toBe(String(killed.pid));
    killed.kill("SIGKILL");
    expect(await start()).toEqual(READY);
    expect(await calls()).toHaveLength(1);
  });

  it("says so and runs nothing when npm fails", async () => {
    await npmIs("#!/bin/sh\nexit 1\n");
    expect(await start()).toEqual({ code: 1, stdout: "" });
  });
});

it("an older Node brings the one of .node-version along", async () => {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect((await readFile(join(root, ".node-version"), "utf8")).trim()).toBe(manifest.devDependencies.node);
});
