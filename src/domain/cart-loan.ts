import type { Asked } from "./cart.ts";
import { type Cart, enter, restoring } from "./cart.ts";
import { begun, notHeld, refused } from "./cart-changes.ts";
import { isNewerTry } from "./lend.ts";
import type { Rescue } from "./model.ts";
import type { RescueAnswer } from "./rescue-steps.ts";

/** Lends all lines to a late payment of the same customer, if nothing else is being decided about the cart. */
export function askLoan(cart: Cart, to: Rescue, now: number): Asked {
  if (isLentTo(cart, to.name)) {
    const isAnew = cart.phase === "lent" && cart.loan !== null && isNewerTry(to, cart.loan.to);
    return isAnew && cart.loan
      ? { kind: "begun", cart: { ...cart, loan: { ...cart.loan, to } } }
      : { kind: "unchanged" };
  }
  const isLive = cart.phase === "held" && cart.expiresAt !== null && now < cart.expiresAt;
  return isLive ? begun({ ...cart, loan: { to, at: now, leftMs: null } }, "lending") : refused(notHeld(cart));
}

/** Whether the cart is lent, or is being lent, to the late payment of this name. */
export function isLentTo({ phase, loan }: Cart, rescue: string): boolean {
  return (phase === "lending" || phase === "lent") && loan?.to.name === rescue;
}

/** The answer to the borrower. */
export function loanAnswer(cart: Cart, rescue: string): RescueAnswer {
  if (cart.status === "confirmed") return { kind: "sold" };
  if (cart.phase === "ended") return { kind: "ended" };
  if (!isLentTo(cart, rescue) || cart.phase !== "lent") return { kind: "busy" };
  const lent = cart.lines.filter(({ state }) => state === "held");
  return { kind: "lent", lent: lent.map(({ reservation: id, version }) => ({ id, version })) };
}

/** The outcome of a late payment; with a null serial, of whichever of its tries. */
export interface LoanEnd {
  rescue: string;
  serial: number | null;
  fate: "restore" | "supersede";
}

/** Ends the loan to this late payment; any other cart stays unchanged. */
export function endLoan(cart: Cart, { rescue, serial, fate }: LoanEnd, now: number): Cart {
  if (!isLentTo(cart, rescue) || (serial !== null && serial !== cart.loan?.to.serial)) return cart;
  if (fate === "restore") return restoring(cart, now);
  return enter({ ...cart, status: "released", superseded: true, updatedAt: now }, "superseding");
}

/** What a line that has been lent for too long has to do; null: its cart will tell it. */
export function fateOfLoan(cart: Cart | null, rescue: string): "restore" | "supersede" | null {
  if (cart?.loan?.to.name === rescue) return null;
  return cart?.superseded ? "supersede" : "restore";
}
