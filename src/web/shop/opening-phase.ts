import type { Stock } from "../../client/wire.ts";

export type OpeningPhase = "before" | "stopped" | "open";

/** How far a drop is with its opening, by the states of its sizes. One that is paused has not opened by that. */
export function openingPhase(states: readonly Stock["state"][]): OpeningPhase {
  if (states.includes("scheduled")) return "before";
  const isStopped = states.every((state) => state === "closed") || states.includes("paused");
  return isStopped ? "stopped" : "open";
}
