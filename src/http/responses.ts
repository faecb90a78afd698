import {
  type Audience,
  entryToWire,
  problem,
  refusalToWire,
  reservationToWire,
  skuToWire,
  stockToWire,
} from "../contracts/present.ts";
import { PROBLEMS, type Problem, type ProblemCode } from "../contracts/problems.ts";
import type { Outcome, Refusal } from "../domain/command.ts";

type Headers = Record<string, string>;

/** A JSON response, not to be cached unless `headers` say otherwise. */
export function json(status: number, body: unknown, headers: Headers = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    },
  });
}

/** A problem document with its status and the header that its code requires. */
export function problemResponse(body: Problem, headers: Headers = {}): Response {
  const type = { "Content-Type": "application/problem+json; charset=utf-8" };
  return json(body.status, body, { ...type, ...CODE_HEADERS[body.code], ...headers });
}

/** The problem with this code; `detail` is for people. */
export function fail(code: ProblemCode, detail?: string, headers: Headers = {}): Response {
  return problemResponse(problem(code, detail), headers);
}

/** A refusal by the rules, with its headers. */
export function refuse(refusal: Refusal, audience: Audience, headers: Headers = {}): Response {
  return problemResponse(refusalToWire(refusal, audience), { ...retryAfter([refusal]), ...headers });
}

/** `Retry-After`, where a rule says when to come again: when all of these refusals have had their time. */
export function retryAfter(refusals: readonly (Refusal | null)[]): Headers {
  const seconds = refusals.flatMap((one) =>
    one !== null && "retryAfterSeconds" in one ? [one.retryAfterSeconds ?? 0] : [],
  );
  return seconds.length === 0 ? {} : { "Retry-After": String(Math.max(...seconds)) };
}

const CODE_HEADERS: Partial<Record<ProblemCode, Headers>> = {
  "rate-limited": { "Retry-After": "10" },
  overloaded: { "Retry-After": "1" },
  unavailable: { "Retry-After": "1" },
  unauthenticated: { "WWW-Authenticate": "Bearer" },
};

/** The outcome of a command as status and body; the same for a single call and for a part of a batch. */
export function outcomeToWire(
  outcome: Outcome,
  created: boolean,
  audience: Audience,
): { status: number; body: Record<string, unknown> } {
  if (!outcome.ok) {
    const body = refusalToWire(outcome.refusal, audience);
    return { status: PROBLEMS[outcome.refusal.code].status, body };
  }
  const status = created ? 201 : 200;
  switch (outcome.type) {
    case "sku":
      return { status, body: skuToWire(outcome.sku, audience) };
    case "reservation": {
      const stock = stockToWire(outcome.stock, audience);
      return { status, body: { ...reservationToWire(outcome.reservation), stock } };
    }
    case "entry":
      return { status, body: entryToWire(outcome.entry, outcome.position) };
    case "try":
    case "done":
      throw new Error("an internal outcome reached HTTP");
    case "batch": {
      const outcomes = outcome.outcomes.map((part, index) =>
        outcomeToWire(part, outcome.commands[index] === "reserve", audience),
      );
      return { status, body: { outcomes } };
    }
  }
}
