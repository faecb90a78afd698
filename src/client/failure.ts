import type { ProblemCode } from "../contracts/problems.ts";

/**
 * Why a call failed. Besides the service's codes: `network` (no answer), `timeout` (no answer in time), `bad-answer` (not an
 * answer of Holdfast).
 */
export type FailureCode = ProblemCode | "network" | "timeout" | "bad-answer";

/**
 * An outage or a bug, never a refusal. With `outcome` `unknown` a change may have been made or not: the same call with the same
 * `idempotencyKey` finds out and has no second effect. Otherwise nothing has happened.
 */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly code: FailureCode;
  /** The HTTP status; null without an answer. */
  readonly status: number | null;
  /** `unknown` if any try of the call may have taken effect. */
  readonly outcome: "unknown" | null;
  /** Number of tries. */
  readonly tries: number;
  /** The key to repeat the call with; null if none was sent. */
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
