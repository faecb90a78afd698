import type { z } from "zod";
import type { cartLine } from "../contracts/cart.ts";
import type { Problem } from "../contracts/problems.ts";

type SaleState = "paused" | "scheduled" | "closed" | "sold_out" | "held_elsewhere" | "open";
type Nothing = Record<never, never>;

export type CartLine = Omit<z.infer<typeof cartLine>, "problem"> & { problem: Refusal | null };

/** The members of each refusal beside its code. */
interface Members {
  "not-found": Nothing;
  "insufficient-stock": { available: number; capped?: true; state: SaleState };
  "limit-exceeded": {
    limit: number;
    used: number;
    remaining: number;
    scope: "reservation" | "sku" | "drop" | "rehold" | "abandoned";
    /** With `rehold` and `abandoned`, when others go first: when to try again. The waitlist may be joined meanwhile. */
    retryAfterSeconds?: number;
  };
  "not-open": { opensAt: string };
  closed: Nothing;
  paused: Nothing;
  "hold-expired": { refundRequired: boolean };
  "already-released": { refundRequired: boolean };
  "already-confirmed": { orderId: string | null; refundRequired: boolean };
  "not-confirmed": Nothing;
  "nothing-to-return": { returnable: number };
  "extension-limit": { extendableUntil: string };
  "part-of-cart": { cart: string };
  "cart-not-held": { lines: CartLine[] };
  "stock-available": { available: number; capped?: true };
  "already-waiting": { entry: string };
  "drop-exists": Nothing;
  "drop-in-use": { sku: string };
  "stock-in-use": { available: number };
  "sku-exists": Nothing;
  gone: { oldest: number };
  "version-mismatch": { revision: number };
  "too-many-webhooks": { limit: number };
  "too-many-secrets": { limit: number; oldestValidUntil: string };
  "webhook-stopped": Nothing;
}

/** Codes with which the rules refuse: neither an outage nor a bug of the caller. */
export type RefusalCode = keyof Members;

/** A refusal, told apart by `code`. `detail` is for people. */
export type Refusal<Code extends RefusalCode = RefusalCode> = {
  [Each in Code]: { code: Each; title: string; detail: string; status: number; type: string } & Members[Each];
}[Code];

/** The result of a call: its value, or a refusal. Outages and bugs are thrown. */
export type Result<Value, Code extends RefusalCode> =
  | {
      ok: true;
      value: Value;
      /** It is the stored answer to an earlier try, or an earlier call with the same key. */
      replayed: boolean;
      /** Where the change is recorded; null if nothing was changed. */
      recorded: "d1" | "object" | null;
    }
  | { ok: false; refusal: Refusal<Code> };

/** Statuses of refusals. Any other error status means a wrong call or a service failure. */
const BY_THE_RULES = [404, 409, 410, 412];

/** The problem document in an answer; null for anything else, for example from a proxy. */
export function problemIn(body: unknown): Problem | null {
  return (body as Problem | null | undefined)?.code === undefined ? null : (body as Problem);
}

/** The refusal in an error answer; null for an outage, a bug, or an answer that is not Holdfast's. */
export function refusalIn(body: unknown): Refusal | null {
  const problem = problemIn(body);
  // The service always sends the members that its code promises: the same schemas define both.
  return problem !== null && BY_THE_RULES.includes(problem.status) ? (problem as unknown as Refusal) : null;
}
