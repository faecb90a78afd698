import { useMemo, useSyncExternalStore } from "react";
import type { Holdfast, WaitlistEntry } from "../../client/client.ts";
import { useHoldfast } from "../../client/react/hooks.ts";
import { watchSkus } from "../../client/stores/live-pool.ts";
import { type OwnBySku, ownAfter, withPlace } from "./own.ts";

/** The visitor's part of these SKUs; `note` adds a waitlist entry that was just joined. */
export function useOwn(skus: readonly string[]) {
  const client = useHoldfast();
  const names = JSON.stringify(skus);
  const store = useMemo(() => createOwn(client, JSON.parse(names)), [client, names]);
  return { own: useSyncExternalStore(store.subscribe, store.get), note: store.note };
}

function createOwn(client: Holdfast, skus: readonly string[]) {
  let own: OwnBySku = {};
  const listeners = new Set<() => void>();
  const set = (next: OwnBySku) => {
    if (next === own) return;
    own = next;
    for (const listener of listeners) listener();
  };
  return {
    get: () => own,
    note: (entry: WaitlistEntry) => set(withPlace(own, entry)),
    subscribe: (listener: () => void) => {
      const { leave } = watchSkus(client, skus, (news) => set(ownAfter(own, news, client.clock.now())));
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        leave();
      };
    },
  };
}
