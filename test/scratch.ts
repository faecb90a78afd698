import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
/** A whole run has less than a tenth of it in use at any time. */
const BYTES_MIN = 2_000_000_000;

/**
 * A folder for the files of one run, which goes with this process: in memory where the machine offers enough. Each object has a
 * database of its own, and making and removing thousands of files takes a third of the tests' CPU on a disk.
 */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(hasMemory() ? MEMORY : tmpdir(), "holdfast-run-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= BYTES_MIN;
  } catch {
    // Not on Linux.
    return false;
  }
}
