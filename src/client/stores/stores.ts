export { type CartHints, type CartState, CartStore } from "./cart-store.ts";
export { type ReservationState, ReservationStore } from "./reservation-store.ts";
export { type StockState, StockStore } from "./stock-store.ts";
export type { ActionState, Store } from "./store.ts";
export { type WaitlistState, WaitlistStore } from "./waitlist-store.ts";
