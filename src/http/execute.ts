import type { Context } from "hono";
import { base64url } from "jose";
import { uuidv7 } from "uuidv7";
import { CALL_PATIENCE_MS, KEPT_CONTENT_CHARS_MAX, WAIT_SECONDS_MAX } from "../domain/bounds.ts";
import { type Actor, type Command, lastOutcome, type Refusal, type Request } from "../domain/command.ts";
import { findsItself } from "../domain/command-facts.ts";
import type { Executed, Recorded } from "../objects/rpc.ts";
import type { Callers } from "./auth.ts";
import { notFound } from "./auth.ts";
import { afterCommand, beforeCommand } from "./isolate-memory.ts";
import { patiently } from "./patiently.ts";
import { json, outcomeToWire, refuse } from "./responses.ts";
import type { Call } from "./route.ts";
import { noteShedding, takeShedAhead } from "./shed-ahead.ts";
import type { Caller } from "./tokens.ts";

/** The caller as an actor of the rules. */
export function actorOf(caller: Caller): Actor {
  return caller.role === "shopper" ? { role: "shopper", customer: caller.sub } : { role: caller.role };
}

/** The key under which an answer is stored: unique per caller and route. */
export function scopedKey(caller: Caller, route: string, key: string): string {
  return JSON.stringify([caller.role, caller.sub, route, key]);
}

/** A key for a call without one that the platform may repeat, so that it has one effect. No caller can send it. */
export function ownKey(): string {
  // Time-ordered, so that it appends to the table; callers' keys begin with a bracket.
  return `~${uuidv7()}`;
}

/** The id of what a caller's key creates, so that a repeated creation finds the same object; random without a key. */
export async function idOfKey(caller: Caller, route: string, key: string | null): Promise<string> {
  if (key === null) return uuidv7();
  return digestOf(scopedKey(caller, route, key));
}

async function digestOf(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** The content that belongs to a key: the parsed body, independent of the order of its members. */
export function contentOf(body: unknown): string {
  return JSON.stringify(body, (_name, value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}

/** The content as a SKU stores it with a key: if it is long, for example with metadata, as a digest. No digest looks like JSON. */
export async function keptContentOf(body: unknown): Promise<string> {
  const content = contentOf(body);
  return content.length <= KEPT_CONTENT_CHARS_MAX ? content : digestOf(content);
}

export interface Execution {
  caller: Caller;
  sku: string;
  /** The route that scopes the key; a single call and the same command in a batch have the same. */
  route: string;
  command: Command;
  /** The path of the created resource, for a 201. */
  location?: string;
  /** Answers a success with 204. */
  noContent?: boolean;
  /** How long to wait for D1 if the caller does not say. */
  waitMsDefault?: number;
}

/** Executes one command in a SKU object and answers with its outcome. */
export async function execute(
  call: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "audience" | "body" | "key">,
  { caller, sku, route, command, location, noContent = false, waitMsDefault = 0 }: Execution,
): Promise<Response> {
  const { context, audience } = call;
  const preferredWaitMs = preferredWait(context);
  const request: Request = {
    actor: actorOf(caller),
    key: call.key === null ? keyFor(command) : scopedKey(caller, route, call.key),
    content: call.key === null ? "" : await keptContentOf(call.body),
    command,
  };
  const waitMs = preferredWaitMs ?? waitMsDefault;
  beforeCommand(context, sku, command);
  const executing = context.env.SKU.getByName(sku).execute([request], waitMs, CALL_PATIENCE_MS, takeShedAhead(sku));
  const { outcomes, recorded } = (await patiently(executing, waitMs)) as Executed;
  const outcome = lastOutcome(outcomes);
  await afterCommand(context, sku, command, outcome);
  if (command.type === "reserve") noteShedding(sku, outcome);
  const headers = outcomeHeaders(outcome, recorded, preferredWaitMs);
  if (!outcome.ok) return refuseCaller(call, outcome.refusal, headers);
  if (noContent) return new Response(null, { status: 204, headers: { ...headers, "Cache-Control": "no-store" } });
  const { status, body } = outcomeToWire(outcome, location !== undefined, audience);
  if (location !== undefined) headers.Location = outcome.type === "sku" ? location : `${location}/${body.id}`;
  return json(status, body, headers);
}

/** A row is written for a key only where a repeated command could not be told from a new one. */
function keyFor(command: Command): string | null {
  return findsItself(command) ? null : ownKey();
}

/** Headers of a mutation: where it is stored, the applied `Prefer: wait`, and whether it is a replay. */
export function outcomeHeaders(
  outcome: { ok: boolean; replayed?: true },
  recorded: Recorded,
  preferredWaitMs: number | null,
): Record<string, string> {
  const applied = preferredWaitMs === null ? {} : { "Preference-Applied": `wait=${preferredWaitMs / 1000}` };
  const replayed = outcome.replayed ? { "Idempotency-Replayed": "true" } : {};
  return { "Holdfast-Recorded": recorded, ...applied, ...replayed };
}

/** Answers a refusal; for `not-found`, under the rate limit of the address. */
export function refuseCaller(
  { context, audience }: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "audience">,
  refusal: Refusal,
  headers: Record<string, string>,
): Response | Promise<Response> {
  return refusal.code === "not-found" ? notFound(context, audience) : refuse(refusal, audience, headers);
}

/** `Prefer: wait=N` in milliseconds, at most ten seconds; null if it is absent or invalid (RFC 7240: ignore it). */
export function preferredWait(context: Context): number | null {
  const header = context.req.header("Prefer") ?? "";
  const seconds = /(?:^|[,;\s])wait=(\d{1,9})(?:$|[,;\s])/i.exec(header)?.[1];
  return seconds === undefined ? null : Math.min(Number(seconds), WAIT_SECONDS_MAX) * 1000;
}
