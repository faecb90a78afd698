import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const cores = Array.from({ length: availableParallelism() }, (_none, core) => core);
const half = Math.ceil(cores.length / 2);

/** The machine in two, so that what runs on one half takes nothing from the other. */
const HALVES = { one: cores.slice(0, half), other: cores.slice(half), whole: cores } as const;

/** Keeps a process with all its threads to one part of the machine; false where that cannot be had. */
export function keepTo(part: keyof typeof HALVES, pid: number): boolean {
  if (HALVES.other.length === 0) return false;
  return spawnSync("taskset", ["-acp", HALVES[part].join(","), String(pid)]).status === 0;
}
