import { CALL_MS_MAX, TRIES_MAX, TRY_MS_MAX } from "./bounds.ts";
import type { ServerClock } from "./clock.ts";
import { type FailureCode, HoldfastError } from "./failure.ts";
import { pauseBefore, readRetryAfter, wait } from "./patience.ts";
import { problemIn, type Refusal, refusalIn } from "./refusal.ts";
import type { Tokens } from "./tokens.ts";

/** One call, made with retries. */
export interface Call {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: object | undefined;
  body?: unknown;
  /** The same over all tries. */
  key?: string | undefined;
  headers?: Record<string, string> | undefined;
  /** Seconds to wait for D1. */
  waitSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  triesMax?: number;
  /** An error status that counts as an answer of this call. */
  okStatus?: number;
}

export interface WireResponse {
  body: unknown;
  headers: Headers;
  /** The refusal of the rules, if any. */
  refusal: Refusal | null;
}

export interface TransportSettings {
  url: () => string;
  tokens: Tokens;
  clock: ServerClock;
  fetch: typeof fetch;
  random: () => number;
}

/** Makes a call until there is an answer; see `createTransport`. */
export type Send = (call: Call) => Promise<WireResponse>;

/** A try without an answer. */
interface Failure {
  error: HoldfastError;
  retryAfter: string | null;
}

/** Statuses that mean "try again later"; null: no answer. */
const NOT_NOW = [null, 429, 502, 503, 504];

/**
 * Makes calls with retries: temporary failures are retried a bounded number of times in a bounded time. Refusals are answers.
 * Other failures are thrown as HoldfastError; an abort rejects with its reason.
 */
export function createTransport(settings: TransportSettings): Send {
  const { tokens, clock, random } = settings;
  return async (call) => {
    const endsAt = performance.now() + CALL_MS_MAX;
    let isRenewed = false;
    let told: HoldfastError["outcome"] = null;
    for (let tries = 1; ; tries += 1) {
      const outcome = await attempt(settings, call, tries, endsAt, told);
      if (!("error" in outcome)) return outcome;
      const { error, retryAfter } = outcome;
      told = error.outcome;
      const renews: boolean = error.status === 401 && tokens.canRenew && !isRenewed;
      isRenewed ||= renews;
      const pauseMs = renews ? 0 : pauseBefore(tries + 1, readRetryAfter(retryAfter, clock.now()), random);
      const isEnough = tries >= (call.triesMax ?? TRIES_MAX) || performance.now() + pauseMs >= endsAt;
      if (isEnough || !(renews || NOT_NOW.includes(error.status))) throw error;
      await wait(pauseMs, call.signal);
    }
  };
}

async function attempt(
  { url, tokens, clock, fetch }: TransportSettings,
  call: Call,
  tries: number,
  endsAt: number,
  before: HoldfastError["outcome"],
): Promise<WireResponse | Failure> {
  const { method, path, query, body, signal, key: idempotencyKey } = call;
  const address = url() + path + queryOf(query);
  const failure = (
    code: FailureCode,
    message: string,
    status: number | null,
    isKnown?: boolean,
    cause?: unknown,
  ): Failure => {
    const outcome = isKnown || method === "GET" ? before : "unknown";
    const error = new HoldfastError(code, message, { status, outcome, tries, idempotencyKey, cause });
    return { error, retryAfter: null };
  };
  let token: string | null;
  try {
    token = await tokens.get();
  } catch (cause) {
    throw failure("unauthenticated", "no token", null, true, cause).error;
  }
  signal?.throwIfAborted();
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  signal?.addEventListener("abort", stop);
  const timer = setTimeout(stop, Math.min(TRY_MS_MAX, endsAt - performance.now()));
  const sentAt = Date.now();
  try {
    const response = await fetch(address, {
      method,
      headers: headersOf(call, token, tries),
      body: body === undefined ? null : JSON.stringify(body),
      signal: stopper.signal,
    });
    const { status, headers } = response;
    const told = read(headers.get("Content-Type"), await response.text());
    learnTime(clock, status, headers, told, sentAt);
    const problem = problemIn(told);
    const isOk = status < 300 || (status === call.okStatus && problem === null);
    const refusal = isOk ? null : refusalIn(told);
    if ((isOk && told !== undefined) || refusal !== null) return { body: told, headers, refusal };
    if (status === 401) tokens.reject(token);
    const message = problem?.detail ?? `status ${status}, and nothing of Holdfast's`;
    // An answer that is not Holdfast's must not hide a call that may have taken effect.
    const failed = failure(problem?.code ?? "bad-answer", message, status, problem !== null && !problem.outcome);
    return { ...failed, retryAfter: headers.get("Retry-After") };
  } catch (cause) {
    signal?.throwIfAborted();
    return stopper.signal.aborted
      ? failure("timeout", "no answer in time", null)
      : failure("network", "no answer", null, false, cause);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** Something made in this call was made between its sending and its answer. */
function learnTime(clock: ServerClock, status: number, headers: Headers, told: unknown, sentAt: number): void {
  const receivedAt = Date.now();
  const { createdAt } = (told ?? {}) as { createdAt?: string };
  const isBirth = status === 201 && createdAt !== undefined && headers.get("Idempotency-Replayed") === null;
  if (isBirth) clock.learnJudged(createdAt, sentAt, receivedAt);
  const isFresh = headers.get("Cache-Control")?.includes("no-store") === true;
  clock.learnDate(headers.get("Date"), sentAt, receivedAt, isFresh);
}

function headersOf({ body, key, headers, waitSeconds }: Call, token: string | null, tries: number) {
  return {
    ...(token !== null && { Authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "Content-Type": "application/json" }),
    ...(key !== undefined && { "Idempotency-Key": key }),
    ...(waitSeconds !== undefined && { Prefer: `wait=${waitSeconds}` }),
    "Holdfast-Attempt": String(tries),
    ...headers,
  };
}

function queryOf(query: object = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

/** The content of an answer; nothing if it is not the service's: a network that wants a login answers 200 with HTML. */
function read(type: string | null, text: string): unknown {
  if (!type?.includes("json")) return type?.includes("html") ? undefined : text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
