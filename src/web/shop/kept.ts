/** What the page stores about its visitor between loads. */
export interface Kept {
  token: string | null;
  customer: string | null;
  /** By name of the drop. */
  drops: Readonly<Record<string, KeptOfDrop>>;
}

/** The same for one drop. */
export interface KeptOfDrop {
  /** The last opened cart, until the visitor is done with it. */
  cart: string | null;
  /** A cart whose late payment has to be refunded: the cart itself does not say so. */
  refunded: string | null;
}

type Shelf = Pick<Storage, "getItem" | "setItem">;

const NAME = "holdfast-shop";
const NOTHING: Kept = { token: null, customer: null, drops: {} };
const NOTHING_OF_DROP: KeptOfDrop = { cart: null, refunded: null };

/** The stored data; empty if storage is forbidden or contains something else. */
export function readKept(storage: Pick<Shelf, "getItem"> = localStorage): Kept {
  try {
    return { ...NOTHING, ...JSON.parse(storage.getItem(NAME) ?? "{}") };
  } catch {
    return NOTHING;
  }
}

/** Stores or replaces data. If the browser forbids that, it is lost at the next load, and the shop still works. */
export function keep(change: Partial<Kept>, storage: Shelf = localStorage): void {
  try {
    storage.setItem(NAME, JSON.stringify({ ...readKept(storage), ...change }));
  } catch {}
}

/** The stored data of this drop. */
export function readKeptOf(drop: string, storage?: Shelf): KeptOfDrop {
  return { ...NOTHING_OF_DROP, ...readKept(storage).drops[drop] };
}

/** Stores or replaces data of this drop. */
export function keepOf(drop: string, change: Partial<KeptOfDrop>, storage?: Shelf): void {
  const { drops } = readKept(storage);
  keep({ drops: { ...drops, [drop]: { ...readKeptOf(drop, storage), ...change } } }, storage);
}
