import type { Drop } from "../../../client/client.ts";

/** The current effect of a drop on its SKUs. */
export function dropStateOf({ paused, opensAt, closesAt }: Drop, now: number): string {
  if (paused) return "paused";
  if (opensAt !== null && now < Date.parse(opensAt)) return "scheduled";
  return closesAt !== null && now >= Date.parse(closesAt) ? "closed" : "open";
}

/** Adds a drop to the map, unless a newer state is known; then it returns the same map. */
export function withDrop(drops: ReadonlyMap<string, Drop>, drop: Drop): ReadonlyMap<string, Drop> {
  const known = drops.get(drop.drop);
  const isNews = known === undefined || drop.revision > known.revision;
  return isNews ? new Map(drops).set(drop.drop, drop) : drops;
}
