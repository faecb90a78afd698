import { expect } from "vitest";
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from "../../src/contracts/problems.ts";
import type { Answer } from "../client.ts";

/** The answer is a problem document of this code, with these members beside the usual ones. */
export function expectProblem(answer: Answer, code: ProblemCode, members: Record<string, unknown> = {}): void {
  const { status, title } = PROBLEMS[code];
  expect({ status: answer.status, ...answer.body }).toMatchObject({
    status,
    type: `/problems/${code}`,
    title,
    code,
    ...members,
  });
  expect(answer.body.status).toBe(status);
  expect(answer.headers.get("Content-Type")).toBe("application/problem+json; charset=utf-8");
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  expect(JSON.stringify(answer.body)).not.toMatch(/\bat \S+ \(|\.ts:\d|stack/);
}

/** The answer refuses the call as invalid and says which member is at fault. */
export function expectInvalid(answer: Answer, member: string): void {
  expectProblem(answer, "invalid-request");
  expect(answer.body.detail).toContain(member);
}

/** The service coped: it either did what was asked, or said in a problem document why not. Never a fault of its own. */
export function expectCoped(answer: Answer): void {
  expect(answer.status).toBeLessThan(500);
  if (answer.status < 400) return;
  const { code } = answer.body;
  expect(PROBLEM_CODES).toContain(code);
  expectProblem(answer, code as ProblemCode);
}
