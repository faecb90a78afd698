import type { ProblemCode } from "../contracts/problems.ts";
/** Problems of any call with a token. */
export const CALL_PROBLEMS = [
  "invalid-request",
  "unauthenticated",
  "forbidden",
  "not-found",
  "rate-limited",
  "overloaded",
  "unavailable",
] as const satisfies ProblemCode[];

/** Problems of any call with a body. */
export const BODY_PROBLEMS = [
  ...CALL_PROBLEMS,
  "body-too-large",
  "unsupported-media-type",
  "idempotency-key-reused",
] as const satisfies ProblemCode[];
