import type { ProblemCode } from "../contracts/problems.ts";

/**
 * Why a call came to nothing, beside the service's own codes: `network`, there was no answer; `timeout`, none in time;
 * `bad-answer`, it was none of ours.
 */
export type FailureCode = ProblemCode | "network" | "timeout" | "bad-answer";

/**
 * An outage or a bug, never a no of the rules. With `outcome` `unknown` a change may have been made or not: the same call with
 * the same `idempotencyKey` finds out, and does nothing twice. Without, nothing has happened.
 */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly code: FailureCode;
  /** The HTTP status; null without an answer. */
  readonly status: number | null;
  /** Whether nobody knows what became of the call, of any of its tries. */
  readonly outcome: "unknown" | null;
  /** Tries that were made. */
  readonly tries: number;
  /** The key of the call, to make it again with; null where none was sent. */
  readonly idempotencyKey: string | null;

  constructor(
    code: FailureCode,
    message: string,
    about: {
      status?: number | null;
      outcome?: "unknown" | null;
      tries?: number;
      idempotencyKey?: string | null | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: about.cause });
    this.code = code;
    this.status = about.status ?? null;
    this.outcome = about.outcome ?? null;
    this.tries = about.tries ?? 1;
    this.idempotencyKey = about.idempotencyKey ?? null;
  }
}
