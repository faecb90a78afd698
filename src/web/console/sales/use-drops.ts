import { useCallback, useState } from "react";
import { type Drop, HoldfastError } from "../../../client/client.ts";
import { useSession } from "../session/session.tsx";
import { attempt } from "../state/attempt.ts";
import { useLoaded } from "../state/loading.ts";
import { withDrop } from "./drop-state.ts";

const RELOAD_MS = 10_000;

/** The drops with these names, and why some could not be read. There is no list of drops: SKUs name them. */
export function useDrops(names: readonly string[]) {
  const { client } = useSession();
  const [drops, setDrops] = useState<ReadonlyMap<string, Drop>>(new Map());
  const learn = useCallback((drop: Drop) => setDrops((before) => withDrop(before, drop)), []);
  const joined = names.join();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const read = async (name: string) => {
        const outcome = await attempt(() => client.drops.read(name, { signal }), signal);
        // Each is shown when it arrives: another may not answer at all.
        if ("value" in outcome && !signal.aborted) learn(outcome.value);
        return outcome;
      };
      const outcomes = await Promise.all(joined === "" ? [] : joined.split(",").map(read));
      const failures = outcomes.flatMap((outcome) => ("failure" in outcome ? [outcome.failure] : []));
      const outage = failures.find((failure) => failure instanceof HoldfastError);
      if (outage !== undefined) throw outage;
      return { ok: true as const, value: null, replayed: false, recorded: null };
    },
    [client, joined, learn],
  );
  const { failure } = useLoaded(load, RELOAD_MS);
  return { drops, failure, learn };
}
