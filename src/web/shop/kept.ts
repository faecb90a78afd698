/** What the page remembers about its visitor from one load to the next. */
export interface Kept {
  token: string | null;
  customer: string | null;
  /** By the names of the drops. */
  drops: Readonly<Record<string, KeptOfDrop>>;
}

/** The same of one drop. */
export interface KeptOfDrop {
  /** The cart that was opened last, until the visitor is done with it. */
  cart: string | null;
  /** A cart whose payment came too late and goes back: the cart itself does not say so. */
  refunded: string | null;
}

type Shelf = Pick<Storage, "getItem" | "setItem">;

const NAME = "holdfast-shop";
const NOTHING: Kept = { token: null, customer: null, drops: {} };
const NOTHING_OF_DROP: KeptOfDrop = { cart: null, refunded: null };

/** What was kept; nothing where storage is forbidden or what is there is not ours. */
export function readKept(storage: Pick<Shelf, "getItem"> = localStorage): Kept {
  try {
    return { ...NOTHING, ...JSON.parse(storage.getItem(NAME) ?? "{}") };
  } catch {
    return NOTHING;
  }
}

/** Keeps more, or other things. A browser that forbids it forgets them at the next load, and sells all the same. */
export function keep(change: Partial<Kept>, storage: Shelf = localStorage): void {
  try {
    storage.setItem(NAME, JSON.stringify({ ...readKept(storage), ...change }));
  } catch {}
}

/** What was kept of this drop. */
export function readKeptOf(drop: string, storage?: Shelf): KeptOfDrop {
  return { ...NOTHING_OF_DROP, ...readKept(storage).drops[drop] };
}

/** Keeps more of this drop, or other things. */
export function keepOf(drop: string, change: Partial<KeptOfDrop>, storage?: Shelf): void {
  const { drops } = readKept(storage);
  keep({ drops: { ...drops, [drop]: { ...readKeptOf(drop, storage), ...change } } }, storage);
}
