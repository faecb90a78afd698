import { problem } from "../contracts/present.ts";
import { PROBLEM_CODES, type Problem, type ProblemCode } from "../contracts/problems.ts";
import { WEBHOOKS_MAX } from "../domain/bounds.ts";
import recorded from "./examples.json" with { type: "json" };

/** The calls of one operation: the body of the request, and the answers by status. */
interface RecordedOperation {
  body?: unknown;
  answers: Record<string, unknown>;
}

// Recorded by test/http/examples.test.ts, with `vitest run test/http/examples.test.ts -u`, from one run of one story.
const operations: Readonly<Record<string, RecordedOperation>> = recorded.operations;
const problems: Readonly<Record<string, unknown>> = recorded.problems;

/** Problems that the recorded story cannot cause: outages, limits that take too many calls to reach, and times that are too long. */
const UNMET: Partial<Record<ProblemCode, Record<string, unknown>>> = {
  "too-many-webhooks": { limit: WEBHOOKS_MAX },
  gone: { oldest: 90_210 },
  "rate-limited": {},
  overloaded: {},
  unavailable: { outcome: "unknown" },
};

/** The recorded request body of an operation. */
export function bodyExample(operationId: string): { example?: unknown } {
  const body = operations[operationId]?.body;
  return body === undefined ? {} : { example: body };
}

/** The recorded answer of an operation with this status. */
export function answerExample(operationId: string, status: number): { example?: unknown } {
  const answer = operations[operationId]?.answers[status];
  return answer === undefined ? {} : { example: told(answer) };
}

/** An example of a problem document. */
export function problemExample(code: ProblemCode): Problem {
  const unmet = UNMET[code];
  return unmet === undefined ? (told(problems[code]) as Problem) : problem(code, undefined, unmet);
}

/** A recorded value whose problems have their current titles and explanations. */
function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, told(member)]));
  const { $problem, detail, ...further } = members;
  const code = PROBLEM_CODES.find((known) => known === $problem);
  if (code === undefined) return members;
  return problem(code, detail as string | undefined, further);
}
