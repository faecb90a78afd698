import type { ProblemCode } from "../contracts/problems.ts";

/** Who may see and manage what a customer holds; a shopper only its own. */
export const HOLDERS = ["shopper", "storefront", "admin"] as const;

/** How long a confirmation waits for D1: an order is worth a moment more. */
export const CONFIRM_WAIT_MS = 1000;

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
