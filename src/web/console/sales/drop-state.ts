import type { Drop } from "../../../client/client.ts";

/** What a drop does to its SKUs at this moment. */
export function dropStateOf({ paused, opensAt, closesAt }: Drop, now: number): string {
  if (paused) return "paused";
  if (opensAt !== null && now < Date.parse(opensAt)) return "scheduled";
  return closesAt !== null && now >= Date.parse(closesAt) ? "closed" : "open";
}
