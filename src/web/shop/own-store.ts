import { useMemo, useSyncExternalStore } from "react";
import type { Holdfast, Reservation, WaitlistEntry } from "../../client/client.ts";
import type { LiveNews } from "../../client/live.ts";
import { useHoldfast } from "../../client/react/hooks.ts";
import { shareLive } from "../../client/stores/shared-live.ts";

/** What of one SKU is the visitor's: holds and purchases, and a place on the waitlist. */
export interface Own {
  reservations: readonly Reservation[];
  entry: WaitlistEntry | null;
}

export type OwnBySku = Readonly<Record<string, Own>>;

const NOTHING: Own = { reservations: [], entry: null };

/** What is the visitor's after a piece of news. */
export function ownAfter(own: OwnBySku, news: LiveNews): OwnBySku {
  if (news.type === "snapshot") {
    const { sku, reservations, waitlist } = news;
    // A place that has come to its end is in no snapshot, and what became of it is still worth telling.
    return { ...own, [sku]: { reservations, entry: waitlist ?? own[sku]?.entry ?? null } };
  }
  if (news.type === "reservation") {
    const { reservation } = news;
    const { reservations, entry } = own[reservation.sku] ?? NOTHING;
    const others = reservations.filter(({ id }) => id !== reservation.id);
    return { ...own, [reservation.sku]: { reservations: [reservation, ...others], entry } };
  }
  if (news.type === "waitlist") return withEntry(own, news.entry);
  return own;
}

/** With a place that was just taken. */
export function withEntry(own: OwnBySku, entry: WaitlistEntry): OwnBySku {
  return { ...own, [entry.sku]: { ...(own[entry.sku] ?? NOTHING), entry } };
}

/** The visitor's newest cart among these SKUs that is held or bought. */
export function cartIn(own: OwnBySku): string | null {
  const lines = Object.values(own)
    .flatMap(({ reservations }) => reservations)
    .filter(({ cart, status }) => cart !== null && (status === "held" || status === "confirmed"))
    .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
  return lines[0]?.cart ?? null;
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
    note: (entry: WaitlistEntry) => set(withEntry(own, entry)),
    subscribe: (listener: () => void) => {
      const { live, leave } = shareLive(client, skus);
      const deafen = live.listen((news) => set(ownAfter(own, news)));
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        deafen();
        leave();
      };
    },
  };
}

/** What of these SKUs is the visitor's, as it changes; `note` adds a place on a waitlist that was just taken. */
export function useOwn(skus: readonly string[]) {
  const client = useHoldfast();
  const names = skus.join();
  const store = useMemo(() => createOwn(client, names.split(",")), [client, names]);
  return { own: useSyncExternalStore(store.subscribe, store.get), note: store.note };
}
