import { useCallback, useState } from "react";
import type { Drop } from "../../../client/client.ts";
import { useSession } from "../session/session.tsx";
import { useLoaded } from "../state/loading.ts";

const RELOAD_MS = 10_000;

/** The drops of these names, as far as they could be read. There is no list of drops: SKUs say which there are. */
export function useDrops(names: readonly string[]) {
  const { client } = useSession();
  const joined = names.join();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const wanted = joined === "" ? [] : joined.split(",");
      const results = await Promise.all(wanted.map((name) => client.drops.read(name, { signal })));
      const value = new Map(results.flatMap((result) => (result.ok ? [[result.value.drop, result.value]] : [])));
      return { ok: true as const, value, replayed: false, recorded: null };
    },
    [client, joined],
  );
  const { value, failure, loadedAt, reload } = useLoaded(load, RELOAD_MS);
  const [learned, setLearned] = useState<ReadonlyMap<string, Drop>>(new Map());
  const learn = useCallback((drop: Drop) => setLearned((before) => new Map(before).set(drop.drop, drop)), []);
  const read = (name: string): Drop | null => {
    const [one, other] = [value?.get(name), learned.get(name)];
    if (one === undefined || other === undefined) return one ?? other ?? null;
    return one.revision >= other.revision ? one : other;
  };
  return { read, failure, loadedAt, reload, learn };
}
