import { useCallback, useEffect, useState } from "react";
import { LIVE_SKUS_MAX } from "../../client/bounds.ts";
import type { Drop, Holdfast, Sku } from "../../client/client.ts";
import { useHoldfast } from "../../client/react/hooks.ts";
import { lacesOf } from "./catalogue.ts";

/** A drop with its sizes, and its laces, if any. */
export interface Range {
  drop: Drop;
  sizes: Sku[];
  laces: Sku | null;
}

type Loading = { status: "loading" | "missing" | "unreachable" } | { status: "ready"; range: Range };

/** Reads a drop and its SKUs. `again` retries, and `reread` keeps showing the known state meanwhile. */
export function useDrop(name: string): Loading & { again: () => void; reread: () => Promise<void> } {
  const client = useHoldfast();
  const [loading, setLoading] = useState<Loading>({ status: "loading" });
  const again = useCallback(() => {
    setLoading({ status: "loading" });
    readRange(client, name).then(setLoading, () => setLoading({ status: "unreachable" }));
  }, [client, name]);
  const reread = useCallback(async () => {
    const next = await readRange(client, name).catch(() => null);
    if (next?.status === "ready") setLoading(next);
  }, [client, name]);
  useEffect(again, [again]);
  return { ...loading, again, reread };
}

/** A drop may have more sizes than one socket carries: those at its end are left out. */
async function readRange(client: Holdfast, name: string): Promise<Loading> {
  const drop = await client.drops.read(name);
  if (!drop.ok) return { status: "missing" };
  const names = [lacesOf(name), ...drop.value.skus.slice(0, LIVE_SKUS_MAX)];
  const [laces, ...read] = await Promise.all(names.map((sku) => client.skus.read(sku)));
  const extra = laces?.ok ? laces.value : null;
  const sizes = read.flatMap((size) => (size.ok ? [size.value] : []));
  const room = LIVE_SKUS_MAX - (extra === null ? 0 : 1);
  return { status: "ready", range: { drop: drop.value, sizes: sizes.slice(0, room), laces: extra } };
}
