import { useCallback, useEffect, useState } from "react";
import type { Drop, Holdfast, Sku } from "../../client/client.ts";
import { useHoldfast } from "../../client/react/hooks.ts";
import { lacesOf } from "./catalogue.ts";

/** A drop with its sizes, and the laces that go with it, if any do. */
export interface Range {
  drop: Drop;
  sizes: Sku[];
  laces: Sku | null;
}

type Loading = { status: "loading" | "missing" | "unreachable" } | { status: "ready"; range: Range };

/** Reads a drop and what is in it; `again` tries once more. */
export function useDrop(name: string): Loading & { again: () => void } {
  const client = useHoldfast();
  const [loading, setLoading] = useState<Loading>({ status: "loading" });
  const again = useCallback(() => {
    setLoading({ status: "loading" });
    readRange(client, name).then(setLoading, () => setLoading({ status: "unreachable" }));
  }, [client, name]);
  useEffect(again, [again]);
  return { ...loading, again };
}

async function readRange(client: Holdfast, name: string): Promise<Loading> {
  const drop = await client.drops.read(name);
  if (!drop.ok) return { status: "missing" };
  const [laces, ...sizes] = await Promise.all([lacesOf(name), ...drop.value.skus].map((sku) => client.skus.read(sku)));
  const found = sizes.flatMap((read) => (read.ok ? [read.value] : []));
  return { status: "ready", range: { drop: drop.value, sizes: found, laces: laces?.ok ? laces.value : null } };
}
