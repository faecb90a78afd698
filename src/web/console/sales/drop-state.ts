import type { Drop } from "../../../client/client.ts";

/** What a drop does to its SKUs at this moment. */
export function dropStateOf({ paused, opensAt, closesAt }: Drop, now: number): string {
  if (paused) return "paused";
  if (opensAt !== null && now < Date.parse(opensAt)) return "scheduled";
  return closesAt !== null && now >= Date.parse(closesAt) ? "closed" : "open";
}

/** The drops with this one, unless it is older than what is known of it; then they are the same map as before. */
export function withDrop(drops: ReadonlyMap<string, Drop>, drop: Drop): ReadonlyMap<string, Drop> {
  const known = drops.get(drop.drop);
  const isNews = known === undefined || drop.revision > known.revision;
  return isNews ? new Map(drops).set(drop.drop, drop) : drops;
}
