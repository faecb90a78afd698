import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** Makes a process die with this one, even after kill -9; the answer calls that off. */
export function dieTogether(pid: number): () => void {
  // The shell reads until this process's end of the pipe closes, which the system sees to however we end.
  const guard = spawn("sh", ["-c", `cat >/dev/null; kill -9 ${pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  return () => guard.kill("SIGKILL");
}

/** Resolves to true once no such process runs, or to false if it still does after `timeoutMs`. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

// A killed orphan stays listed until its new parent looks, but holds no file and no port any more.
function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
