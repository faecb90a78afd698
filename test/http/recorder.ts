import { SignJWT } from "jose";
import { expect, vi } from "vitest";
import type { z } from "zod";
import { PROBLEM_VIEWS } from "../../src/contracts/problem-views.ts";
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from "../../src/contracts/problems.ts";
import { createApp } from "../../src/http/app.ts";
import { type Answer, call, type Role, TEST_SECRET } from "../client.ts";

/** Far in the future, so that no alarm fires during the story. */
const BEGINS_AT = Date.UTC(2030, 5, 1, 12);
const STEP_MS = 1000;

interface Operation {
  method: string;
  path: string;
  /** The schemas of its answers, by status. */
  answers: Map<number, z.ZodType>;
}

const operations = new Map(createApp().openAPIRegistry.definitions.flatMap(operationOf));

type Definition = ReturnType<typeof createApp>["openAPIRegistry"]["definitions"][number];

function operationOf(definition: Definition): [string, Operation][] {
  if (definition.type !== "route") return [];
  const { operationId = "", method, path, responses } = definition.route;
  const answers = Object.entries(responses).flatMap(([status, response]): [number, z.ZodType][] => {
    const [content] = "content" in response ? Object.values(response.content ?? {}) : [];
    return content !== undefined && "schema" in content ? [[Number(status), content.schema as z.ZodType]] : [];
  });
  return [[operationId, { method: method.toUpperCase(), path, answers: new Map(answers) }]];
}

interface Step {
  /** Anonymous, if absent. */
  as?: [Role, string];
  /** Values of the path parameters. */
  of?: Record<string, unknown>;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Recording {
  operations: Record<string, { body?: unknown; answers: Record<string, unknown> }>;
  problems: Record<string, unknown>;
}

/** Makes calls on a fake clock and records their bodies and answers. */
export class Recorder {
  readonly #recording: Recording = { operations: {}, problems: {} };
  readonly #ids = new Map<string, string>();

  constructor() {
    vi.useFakeTimers({ toFake: ["Date"], now: BEGINS_AT });
  }

  /** A call that succeeds, recorded as the example of its operation. */
  async example(operationId: string, step: Step = {}): Promise<Answer> {
    const answer = await this.make(operationId, step);
    const recorded = this.#recording.operations[operationId] ?? { answers: {} };
    this.#recording.operations[operationId] = recorded;
    if (step.body !== undefined) recorded.body = step.body;
    const schema = operations.get(operationId)?.answers.get(answer.status);
    if (schema !== undefined) recorded.answers[answer.status] = inOrder(schema, answer);
    return answer;
  }

  /** A call that is refused with this code, recorded as the example of the problem. */
  async refusal(code: ProblemCode, operationId: string, step: Step = {}): Promise<void> {
    const answer = await this.#call(operationId, step);
    expect([operationId, answer.status, answer.body.code]).toEqual([operationId, PROBLEMS[code].status, code]);
    this.#recording.problems[code] = inOrder(PROBLEM_VIEWS[code], answer);
  }

  /** A call that succeeds and is not recorded. */
  async make(operationId: string, step: Step = {}): Promise<Answer> {
    const answer = await this.#call(operationId, step);
    expect([operationId, answer.status < 300, answer.body]).toEqual([operationId, true, answer.body]);
    return answer;
  }

  /** Looks again until something is found. The fake clock does not advance meanwhile. */
  async eventually<Found>(look: () => Promise<Found[]>): Promise<Found[]> {
    const now = Date.now();
    const found = await look();
    vi.setSystemTime(now);
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return this.eventually(look);
  }

  /** Advances the fake clock. */
  pass(seconds: number): void {
    vi.setSystemTime(Date.now() + seconds * 1000);
  }

  async #call(operationId: string, { as, of = {}, query = {}, body, headers = {} }: Step): Promise<Answer> {
    const { method, path } = operations.get(operationId) ?? { method: "none", path: operationId };
    this.pass(STEP_MS / 1000);
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(of[name]));
    const search = new URLSearchParams(query);
    return call(method, search.size === 0 ? filled : `${filled}?${search}`, {
      ...(as === undefined ? {} : { as: await tokenOf(...as) }),
      ...(body === undefined ? {} : { body }),
      // D1 has each change before the next step, so that every run reads the same.
      headers: { Prefer: "wait=10", ...headers },
    });
  }

  /** The recording as JSON, with ids, secrets and measured durations replaced by constants. */
  toText(): string {
    const text = JSON.stringify(this.#recording, (_name, value) => withoutWording(value), 2);
    return `${text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => this.#idOf(id))
      .replaceAll(/whsec_[A-Za-z0-9+/]+=*/g, "whsec_c2VjcmV0LW9mLXRoZS1leGFtcGxlLW5vdC1vZi15b3Vycw==")
      .replaceAll(/"durationMs": \d+/g, '"durationMs": 84')}\n`;
  }

  #idOf(id: string): string {
    const known = this.#ids.get(id) ?? `0193b6a8-5e00-7000-8000-${String(this.#ids.size + 1).padStart(12, "0")}`;
    this.#ids.set(id, known);
    return known;
  }
}

/** The body with its members in the order of the schema, or of the alphabet where the schema does not name them. */
function inOrder(schema: z.ZodType, { body }: Answer): unknown {
  const value = "text" in body ? body.text : body;
  const ordered = schema.parse(alphabetically(value));
  expect(ordered).toEqual(value);
  return ordered;
}

function alphabetically(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(alphabetically);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, alphabetically(member)]));
}

/** A problem without its title and explanation: these are added when the document is generated. */
function withoutWording(value: unknown): unknown {
  const isProblem = typeof value === "object" && value !== null && "code" in value && "title" in value;
  if (!isProblem) return value;
  const { type: _type, title: _title, status: _status, code, detail, ...members } = value as Record<string, unknown>;
  const known = PROBLEM_CODES.find((one) => one === code);
  const said = known !== undefined && detail === PROBLEMS[known].meaning ? {} : { detail };
  return { $problem: code, ...said, ...members };
}

function tokenOf(role: Role, sub: string): Promise<string> {
  return new SignJWT({ role })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(sub)
    .setExpirationTime(BEGINS_AT / 1000 + 86_400 * 365)
    .sign(new TextEncoder().encode(TEST_SECRET));
}
