import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Problem, problemView } from "../../../src/contracts/problems.ts";
import type { Gate } from "./gate.ts";
import type { Journal } from "./journal.ts";

const tryTimeoutMs = 20_000;
const triesMax = 8;
const retryPauseMs = 250;

export type Call<Schema extends z.ZodType> = {
  /** Under which name it is counted; null: it belongs to the audit and is not. */
  kind: string | null;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  token: string | null;
  body?: unknown;
  key?: string;
  /** Goes ahead of the line in which calls wait on this side. */
  urgent?: boolean;
  /** Whoever calls gives up when the connection breaks: `LostCall`. */
  once?: boolean;
  /** `Prefer: wait=N`, seconds. */
  wait?: number;
  /** What a success has to look like. */
  answer: Schema;
  /** How a success is counted. */
  ended?: (body: z.infer<Schema>) => string;
};

/** Nobody knows what became of a call, for the connection broke or the service says so, and nobody asks again. */
export class LostCall extends Error {}

/** Of the shop and of those who run it. */
export type Tokens = { admin: string; storefront: string };

type Span = { sentAt: number; answeredAt: number };
export type Accepted<Body> = Span & { ok: true; status: number; headers: Headers; replayed: boolean; body: Body };
export type Refused = Span & { ok: false; status: number; headers: Headers; problem: Problem };
export type ApiResult<Body> = Accepted<Body> | Refused;
type Failed = { failure: string; lost: boolean; sentAt: number };

/** The service as its callers see it: every call gets an answer of the promised form, or throws. */
export class Api {
  readonly #url: string;
  readonly #gate: Gate;
  readonly #journal: Journal;
  readonly #giveUpAt: number;
  readonly #isAway: () => boolean;

  /** `isAway`: while the rehearsal itself keeps the service away, which on a busy machine may take long. */
  constructor(url: string, gate: Gate, journal: Journal, giveUpAt: number, isAway: () => boolean) {
    this.#url = url;
    this.#gate = gate;
    this.#journal = journal;
    this.#giveUpAt = giveUpAt;
    this.#isAway = isAway;
  }

  /** Sends a call, again with the same key when the network or the service failed it; `sentAt` is that of the first try. */
  async call<Schema extends z.ZodType>(call: Call<Schema>): Promise<ApiResult<z.infer<Schema>>> {
    const keyed = call.method === "POST" ? { key: randomUUID(), ...call } : call;
    let firstSentAt: number | null = null;
    for (let tries = 1; ; tries++) {
      const answer = await this.#gate.pass(call.urgent === true, () => this.#try(keyed, tries));
      firstSentAt ??= answer.sentAt;
      if ("status" in answer && answer.status < 500) return { ...answer, sentAt: firstSentAt };
      const why = "status" in answer ? `${answer.status}` : answer.failure;
      const failed = `${call.method} ${call.path}: ${why}`;
      const isUnknown = "status" in answer && !answer.ok && answer.problem.outcome === "unknown";
      // Overloaded is a no: nothing has happened, and it is asked again when it says.
      const isNo = "status" in answer && !answer.ok && answer.problem.code === "overloaded";
      if (isUnknown && call.once === true) throw new LostCall(failed);
      if ("status" in answer) {
        if (!isNo) this.#journal.outages.push({ at: Date.now(), call: failed });
      } else if (answer.lost && call.once === true) throw new LostCall(failed);
      else if (answer.lost) this.#journal.lost += 1;
      else this.#journal.failures.push(failed);
      if (this.#isAway()) tries = 1;
      else if (tries === triesMax)
        throw new Error(`${call.method} ${call.path} got no answer in ${tries} tries: ${why}`);
      const retryAfterMs = isNo ? Number(answer.headers.get("Retry-After") ?? 0) * 1000 : 0;
      await new Promise((resolve) => setTimeout(resolve, Math.max(retryPauseMs * tries, retryAfterMs)));
    }
  }

  async #try<Schema extends z.ZodType>(
    call: Call<Schema>,
    tries: number,
  ): Promise<ApiResult<z.infer<Schema>> | Failed> {
    if (Date.now() > this.#giveUpAt) throw new Error("the rehearsal has run out of time");
    const sentAt = Date.now();
    const startedAt = performance.now();
    try {
      const response = await fetch(`${this.#url}${call.path}`, requestOf(call, tries));
      const text = await response.text();
      const latencyMs = performance.now() - startedAt;
      const span = { sentAt, answeredAt: Date.now() };
      const answer = {
        ...span,
        status: response.status,
        headers: response.headers,
        ...this.#parse(call, response, text),
      };
      if (call.kind !== null) this.#count(call, call.kind, answer, latencyMs);
      return answer;
    } catch (error) {
      return { failure: reasonOf(error), lost: isNetworkLoss(error), sentAt };
    }
  }

  #parse<Schema extends z.ZodType>(call: Call<Schema>, response: Response, text: string) {
    const replayed = response.headers.get("Idempotency-Replayed") === "true";
    if (response.ok)
      return { ok: true as const, replayed, body: call.answer.parse(text === "" ? null : JSON.parse(text)) };
    const problem = problemView.parse(JSON.parse(text));
    if (problem.status !== response.status || problem.type !== `/problems/${problem.code}`) {
      this.#journal.surprises.push(`${call.method} ${call.path}: the problem ${text} came with ${response.status}`);
    }
    return { ok: false as const, problem };
  }

  #count<Schema extends z.ZodType>(
    call: Call<Schema>,
    kind: string,
    answer: ApiResult<z.infer<Schema>>,
    ms: number,
  ): void {
    if (!answer.ok) this.#journal.answered(kind, answer.problem.code, true, ms);
    else this.#journal.answered(kind, answer.replayed ? "replayed" : (call.ended?.(answer.body) ?? "ok"), false, ms);
  }
}

function requestOf({ method, token, body, key, wait }: Call<z.ZodType>, tries: number): RequestInit {
  return {
    method,
    headers: {
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(key === undefined ? {} : { "Idempotency-Key": key, "Holdfast-Attempt": String(tries) }),
      ...(wait === undefined ? {} : { Prefer: `wait=${wait}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(tryTimeoutMs),
  };
}

/** A connection that broke is nobody's fault and what keys are for; an answer that is late or malformed is the service's. */
function isNetworkLoss(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error;
}

/** fetch says only "fetch failed"; what failed is the cause. An answer of the wrong form says where it is wrong. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return `not the promised form: ${z.prettifyError(error)}`.replaceAll("\n", " ");
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** The answer, which has to be a success because nothing can be rehearsed without it. */
export function must<Body>(answer: ApiResult<Body>): Accepted<Body> {
  if (answer.ok) return answer;
  const { code, detail = "" } = answer.problem;
  throw new Error(`the service refused what the rehearsal needs: ${answer.status} ${code} ${detail}`);
}
