// Bounds of what a Worker isolate remembers, of the 128 MB that it has.

/** How long an unknown name is remembered for anonymous callers, and how many: about 2 MB. */
export const UNKNOWN_NAME_MS = 10_000;
export const UNKNOWN_NAMES_MAX = 10_000;
/** How old a public read may be, and of how many SKUs one is kept: about 2 MB. */
export const PUBLIC_READ_MS = 250;
export const RECENT_VIEWS_MAX = 1_000;
/** How long others may answer for a SKU that has nothing: where units may come back only for a moment. */
export const SOLD_OUT_MS = 1_000;
export const HELD_ELSEWHERE_MS = 250;
/** Customers that others are told of: 40 kB in one message. A SKU that knows more answers everybody itself. */
export const KNOWN_CUSTOMERS_MAX = 10_000;

/** SKUs whose epochs an isolate keeps: 4 MB at most. */
export const EPOCHS_MAX = 100;
/** A SKU that has to answer itself is asked again after this time. */
export const EPOCH_PACE_MS = 250;
/** Refusals reach the SKU's counts within a second. */
export const HAND_OVER_MS = 900;
