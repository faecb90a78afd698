import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 200;

/** Leaves node_modules as package-lock.json says, also when several processes ask at once. */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  mkdirSync(join(root, ".wrangler"), { recursive: true });
  // A link to nowhere that names the process which installs: it is made whole or not at all.
  const lock = join(root, ".wrangler", "install.lock");
  await take(lock);
  try {
    if (!isInstalled(root)) await install(root, lock);
  } finally {
    rmSync(lock, { force: true });
  }
}

// npm writes the second file last, so an interrupted install has none. It leaves out what is optional and for other platforms.
function isInstalled(root) {
  const [wanted, present] = ["package-lock.json", "node_modules/.package-lock.json"].map((name) => join(root, name));
  if (!existsSync(present)) return false;
  const found = JSON.parse(readFileSync(present, "utf8")).packages;
  return Object.entries(JSON.parse(readFileSync(wanted, "utf8")).packages).every(
    ([path, { integrity, optional, devOptional }]) =>
      path === "" || (found[path] ? found[path].integrity === integrity : optional || devOptional),
  );
}

async function install(root, lock) {
  console.error("Installing dependencies (a minute or so)…");
  // npm must not run on the Node that it replaces, and its output goes to stderr: stdout belongs to the command that follows.
  const installed = join(root, "node_modules");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(installed));
  const npm = spawn("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ["ignore", 2, 2],
  });
  const ended = once(npm, "close");
  if (npm.pid) {
    // npm goes on when this process is killed, and whoever comes next waits for it.
    const next = `${lock}.${npm.pid}`;
    symlinkSync(String(npm.pid), next);
    renameSync(next, lock);
  }
  const [code] = await ended;
  if (code !== 0 || !isInstalled(root)) throw new Error("npm ci failed; see its message above.");
}

async function take(lock) {
  for (let hasTold = false; ; hasTold = true) {
    try {
      return symlinkSync(String(process.pid), lock);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isHeld(lock)) rmSync(lock, { force: true });
    else {
      if (!hasTold) console.error("Waiting for another install in this folder…");
      await sleep(pollMs);
    }
  }
}

function isHeld(lock) {
  try {
    process.kill(Number(readlinkSync(lock)), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
