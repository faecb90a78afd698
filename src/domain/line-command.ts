import type { RefundCode, Rescue } from "./model.ts";

/** Prepares a line for its cart's confirmation: a live line, or an expired one if units and limits allow. It cannot expire from then on. */
export interface LockCommand {
  type: "lock";
  id: string;
}

/** The cart was not confirmed: the line becomes what it was. */
export interface UnlockCommand {
  type: "unlock";
  id: string;
}

/** The cart refused an order for good: the line's stream reports that as well. */
export interface RefundCommand {
  type: "refund";
  id: string;
  orderId: string | null;
  code: RefundCode;
}

/** The cart has ended, and the line would last longer because of an extension: it expires at once. */
export interface LapseCommand {
  type: "lapse";
  id: string;
}

/** Locks an unpaid claim for a late payment of the same customer. If that is sold, the claim gives way. */
export interface LendCommand {
  type: "lend";
  id: string;
  to: Rescue;
}

/** The late payment was decided: a claim that was lent to it becomes what it was, or gives way. */
export interface ReturnLentCommand {
  type: "restore" | "supersede";
  id: string;
  /** Name of the late payment. */
  rescue: string;
  /** Serial of the decided try; a cart decides for its lines without one. */
  serial?: number | undefined;
  /** If the cart's end came meanwhile: the time that its lines have left. */
  leftMs?: number | undefined;
}
