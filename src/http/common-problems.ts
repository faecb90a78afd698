import type { ProblemCode } from "../contracts/problems.ts";
/** What any call with a token can meet. */
export const CALL_PROBLEMS = [
  "invalid-request",
  "unauthenticated",
  "forbidden",
  "not-found",
  "rate-limited",
  "overloaded",
  "unavailable",
] as const satisfies ProblemCode[];

/** What any call with a body can meet. */
export const BODY_PROBLEMS = [
  ...CALL_PROBLEMS,
  "body-too-large",
  "unsupported-media-type",
  "idempotency-key-reused",
] as const satisfies ProblemCode[];
