/** What the page remembers about its visitor from one load to the next. */
export interface Kept {
  token: string | null;
  customer: string | null;
  /** The cart that was opened last. */
  cart: string | null;
  /** A cart whose payment came too late and goes back: the cart itself does not say so. */
  refunded: string | null;
}

const NAME = "holdfast-shop";
const NOTHING: Kept = { token: null, customer: null, cart: null, refunded: null };

/** What was kept; nothing where storage is forbidden or what is there is not ours. */
export function readKept(storage: Pick<Storage, "getItem"> = localStorage): Kept {
  try {
    return { ...NOTHING, ...JSON.parse(storage.getItem(NAME) ?? "{}") };
  } catch {
    return NOTHING;
  }
}

/** Keeps more, or other things. A browser that forbids it forgets them at the next load, and sells all the same. */
export function keep(change: Partial<Kept>, storage: Pick<Storage, "getItem" | "setItem"> = localStorage): void {
  try {
    storage.setItem(NAME, JSON.stringify({ ...readKept(storage), ...change }));
  } catch {}
}
