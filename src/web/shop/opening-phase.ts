import type { Stock } from "../../client/wire.ts";

export type OpeningPhase = "before" | "stopped" | "open";

/** The phase of a drop's opening, by the states of its sizes. A paused size does not count as open. */
export function openingPhase(states: readonly Stock["state"][]): OpeningPhase {
  if (states.includes("scheduled")) return "before";
  const isStopped = states.every((state) => state === "closed") || states.includes("paused");
  return isStopped ? "stopped" : "open";
}
