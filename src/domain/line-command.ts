import type { RefundCode, Rescue } from "./model.ts";

/** Prepares a line for its cart's confirmation: live or, where units and limits allow, expired; from now on it cannot expire. */
export interface LockCommand {
  type: "lock";
  id: string;
}

/** The cart was not confirmed: its line is again what it was. */
export interface UnlockCommand {
  type: "unlock";
  id: string;
}

/** The cart of this line was refused an order for good: the line's stream says so as well. */
export interface RefundCommand {
  type: "refund";
  id: string;
  orderId: string | null;
  code: RefundCode;
}

/** The line's cart has ended, and what an extension gave this line beyond that is taken back: it expires at once. */
export interface LapseCommand {
  type: "lapse";
  id: string;
}

/** Locks an unpaid claim under a late payment of the same customer, to which it gives way if that is sold. */
export interface LendCommand {
  type: "lend";
  id: string;
  to: Rescue;
}

/** The late payment was decided: a claim that was lent to it is again what it was, or has given way. */
export interface ReturnLentCommand {
  type: "restore" | "supersede";
  id: string;
  /** The name of the late payment. */
  rescue: string;
  /** Of the try that was decided; a cart decides for its lines whatever that was. */
  serial?: number | undefined;
  /** A cart of which the end has come meanwhile says how much time its lines have again. */
  leftMs?: number | undefined;
}
