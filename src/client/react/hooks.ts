"use client";

import { createContext, createElement, type ReactNode, useContext, useMemo, useSyncExternalStore } from "react";
import type { Holdfast } from "../client.ts";
import { type CartHints, CartStore } from "../stores/cart-store.ts";
import { ReservationStore } from "../stores/reservation-store.ts";
import { StockStore } from "../stores/stock-store.ts";
import type { Store } from "../stores/store.ts";
import { WaitlistStore } from "../stores/waitlist-store.ts";

const Client = createContext<Holdfast | null>(null);

/** Provides the client to the hooks below it. */
export function HoldfastProvider({ client, children }: { client: Holdfast; children?: ReactNode }) {
  return createElement(Client.Provider, { value: client }, children);
}

/** The client of the nearest provider. */
export function useHoldfast(): Holdfast {
  const client = useContext(Client);
  if (client === null) throw new Error("no HoldfastProvider above this component");
  return client;
}

/** The current stock of a SKU and its connection; `stock` is null until it is known. */
export function useStock(sku: string) {
  const { connection, stock, reason } = useStocks([sku]);
  return { connection, stock: stock[sku] ?? null, reason };
}

/** The same for several SKUs, by SKU. All hooks of a page share their sockets, each of which carries up to 50 SKUs. */
export function useStocks(skus: readonly string[]) {
  const client = useHoldfast();
  const names = JSON.stringify(skus);
  return useStore(useMemo(() => new StockStore(client, JSON.parse(names)), [client, names]));
}

/** The customer's hold of a SKU, found again after a reload, with the seconds left and its actions. */
export function useReservation(sku: string) {
  const client = useHoldfast();
  const store = useMemo(() => new ReservationStore(client, sku), [client, sku]);
  const { reserve, extend, release, confirm, reload } = store;
  return { ...useStore(store), reserve, extend, release, confirm, reload };
}

/** The customer's cart, found again by its `id` or by a `sku` in it, with the seconds left and its actions. */
export function useCart({ id, sku }: CartHints = {}) {
  const client = useHoldfast();
  const store = useMemo(() => new CartStore(client, { id, sku }), [client, id, sku]);
  const { open, extend, release, confirm, reload } = store;
  return { ...useStore(store), open, extend, release, confirm, reload };
}

/** The customer's waitlist entry for a SKU, found again after a reload, with the seconds left of an offer. */
export function useWaitlist(sku: string) {
  const client = useHoldfast();
  const store = useMemo(() => new WaitlistStore(client, sku), [client, sku]);
  const { join, leave, reload } = store;
  return { ...useStore(store), join, leave, reload };
}

function useStore<State>({ get, subscribe }: Store<State>): State {
  return useSyncExternalStore(subscribe, get, get);
}
