import { spawn } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 200;

/** Leaves node_modules complete and as package-lock.json says, also when several processes ask at once. */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  const lock = await takeLock(root);
  try {
    if (!isInstalled(root)) await install(root, lock);
  } finally {
    rmSync(lock, { force: true });
  }
}

// npm writes node_modules/.package-lock.json last, so an interrupted install has none. Contents are compared, not
// times: a checkout gives files new times, and that alone must not cost an install.
function isInstalled(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined) throw new Error("package-lock.json is missing or damaged.");
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = present[path];
    // Packages for other platforms are optional, and npm leaves them out.
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

async function install(root, lock) {
  console.error("Installing dependencies (a minute or so)…");
  // As `npm ci` does, from nothing: after an interrupted install a package may be there in part. `npm ci` itself refuses
  // a lock file whose registry did not list the optional packages of every platform.
  rmSync(join(root, "node_modules"), { recursive: true, force: true });
  // npm's output goes to stderr: stdout belongs to the command that follows.
  const child = spawn("npm", ["install", "--no-save", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (child.pid !== undefined) writeLock(lock, [process.pid, child.pid]);
  const forward = (signal) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  for (const signal of signals) process.off(signal, forward);
  if (code !== 0) throw new Error("npm install failed; see its message above.");
  if (!isInstalled(root)) throw new Error("npm install ended well, yet node_modules does not match package-lock.json.");
}

async function takeLock(root) {
  const folder = join(root, ".wrangler");
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, "install.lock");
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (let told = false; ; told = true) {
      try {
        linkSync(mine, lock);
        return lock;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      if (isStale(lock)) discard(lock, mine);
      else {
        if (!told) console.error("Waiting for another install in this folder…");
        await sleep(pollMs);
      }
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

// Both the script and its npm are named: npm may outlive a script that was killed.
function isStale(lock) {
  try {
    return !readFileSync(lock, "utf8").split(" ").map(Number).some(isAlive);
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

// Renamed first, so that of several processes that see a stale lock only one discards it, and checked again, so that
// a lock taken in between is given back.
function discard(lock, mine) {
  const aside = `${mine}.stale`;
  try {
    renameSync(lock, aside);
    if (!isStale(aside)) linkSync(aside, lock);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  }
  rmSync(aside, { force: true });
}

function writeLock(lock, pids) {
  const next = `${lock}.next`;
  writeFileSync(next, pids.join(" "));
  renameSync(next, lock);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
