import type { z } from "zod";
import type { cartLine } from "../contracts/cart.ts";
import type { Problem } from "../contracts/problems.ts";

type SaleState = "paused" | "scheduled" | "closed" | "sold_out" | "held_elsewhere" | "open";
type Nothing = Record<never, never>;

export type CartLine = Omit<z.infer<typeof cartLine>, "problem"> & { problem: Refusal | null };

/** What each refusal says beside its code. */
interface Members {
  "not-found": Nothing;
  "insufficient-stock": { available: number; capped?: true; state: SaleState };
  "limit-exceeded": {
    limit: number;
    used: number;
    remaining: number;
    scope: "reservation" | "sku" | "drop" | "rehold" | "abandoned";
    /** Of `rehold` and `abandoned`, where others go first: when to come again. The waitlist may be joined meanwhile. */
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
  "version-mismatch": { revision: number };
  "too-many-webhooks": { limit: number };
  "too-many-secrets": { limit: number; oldestValidUntil: string };
  "webhook-stopped": Nothing;
}

/** Answers that are no outage and no bug of the caller: the rules say no. */
export type RefusalCode = keyof Members;

/** A no with its reasons, to be told apart by `code`. `detail` is for people. */
export type Refusal<Code extends RefusalCode = RefusalCode> = {
  [Each in Code]: { code: Each; title: string; detail: string; status: number; type: string } & Members[Each];
}[Code];

/** What became of a call: its value, or the rules' no. Outages and bugs are thrown. */
export type Result<Value, Code extends RefusalCode> =
  | {
      ok: true;
      value: Value;
      /** The answer to an earlier try, or an earlier call with the same key. */
      replayed: boolean;
      /** Whether D1 has it already; null where nothing was changed. */
      recorded: "d1" | "object" | null;
    }
  | { ok: false; refusal: Refusal<Code> };

/** Statuses with which the service says no by its rules. With all others a call was wrong, or the service is not well. */
const BY_THE_RULES = [404, 409, 412];

/** The problem document in an answer; null when it is something else, of a proxy perhaps. */
export function problemIn(body: unknown): Problem | null {
  return (body as Problem | null | undefined)?.code === undefined ? null : (body as Problem);
}

/** The refusal in an answer that is not a success; null when it is an outage, a bug, or nothing of ours. */
export function refusalIn(body: unknown): Refusal | null {
  const problem = problemIn(body);
  // Whatever members its code promises the service has put there: the same schemas made both.
  return problem !== null && BY_THE_RULES.includes(problem.status) ? (problem as unknown as Refusal) : null;
}
