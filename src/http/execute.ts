import type { Context } from "hono";
import { base64url } from "jose";
import { uuidv7 } from "uuidv7";
import { CALL_PATIENCE_MS, KEPT_CONTENT_CHARS_MAX, WAIT_SECONDS_MAX } from "../domain/bounds.ts";
import { type Actor, type Command, lastOutcome, type Refusal, type Request } from "../domain/command.ts";
import type { Executed, Recorded } from "../objects/rpc.ts";
import type { Callers } from "./auth.ts";
import { notFound } from "./auth.ts";
import type { Call } from "./endpoint.ts";
import { patiently } from "./patiently.ts";
import { json, outcomeToWire, refuse } from "./responses.ts";
import type { Caller } from "./tokens.ts";

/** The actor that a caller is to the rules. */
export function actorOf(caller: Caller): Actor {
  return caller.role === "shopper" ? { role: "shopper", customer: caller.sub } : { role: caller.role };
}

/** The key under which an answer is kept: two callers, or two routes, never share one. */
export function scopedKey(caller: Caller, route: string, key: string): string {
  return JSON.stringify([caller.role, caller.sub, route, key]);
}

/** The key of a call without one, so that a call that the platform repeats never doubles; no caller can have it. */
export function ownKey(): string {
  // Time-ordered, so that it appends to the table; callers' keys begin with a bracket.
  return `~${uuidv7()}`;
}

/** The id of what a caller's key makes, so that a creation that is repeated meets its own; without a key a new one. */
export async function idOfKey(caller: Caller, route: string, key: string | null): Promise<string> {
  if (key === null) return uuidv7();
  return digestOf(scopedKey(caller, route, key));
}

async function digestOf(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** The content that a key stands for: the parsed body, whatever the order of its members. */
export function contentOf(body: unknown): string {
  return JSON.stringify(body, (_name, value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}

/** The same as it is kept with a key in a SKU: what is long, as with metadata, by its digest. No digest looks like JSON. */
export async function keptContentOf(body: unknown): Promise<string> {
  const content = contentOf(body);
  return content.length <= KEPT_CONTENT_CHARS_MAX ? content : digestOf(content);
}

export interface Execution {
  caller: Caller;
  sku: string;
  /** The route that scopes the key; of a single call and of the same command in a batch it is the same. */
  route: string;
  command: Command;
  /** The path of what gets created, with a 201. */
  location?: string;
  /** A success has nothing to say: 204. */
  noContent?: boolean;
  /** How long to wait for D1 when the caller does not say. */
  waitMsDefault?: number;
}

/** Has a SKU object execute one command and answers with its outcome. */
export async function execute(
  call: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "audience" | "body" | "key">,
  { caller, sku, route, command, location, noContent = false, waitMsDefault = 0 }: Execution,
): Promise<Response> {
  const { context, audience } = call;
  const preferredWaitMs = preferredWait(context);
  const request: Request = {
    actor: actorOf(caller),
    key: call.key === null ? ownKey() : scopedKey(caller, route, call.key),
    content: call.key === null ? "" : await keptContentOf(call.body),
    command,
  };
  const waitMs = preferredWaitMs ?? waitMsDefault;
  const executing = context.env.SKU.getByName(sku).execute([request], waitMs, CALL_PATIENCE_MS);
  const { outcomes, recorded } = (await patiently(executing, waitMs)) as Executed;
  const outcome = lastOutcome(outcomes);
  const headers = outcomeHeaders(outcome, recorded, preferredWaitMs);
  if (!outcome.ok) return refuseCaller(call, outcome.refusal, headers);
  if (noContent) return new Response(null, { status: 204, headers: { ...headers, "Cache-Control": "no-store" } });
  const { status, body } = outcomeToWire(outcome, location !== undefined, audience);
  if (location !== undefined) headers.Location = outcome.type === "sku" ? location : `${location}/${body.id}`;
  return json(status, body, headers);
}

/** What a mutation says about where it is safe, how long its caller was ready to wait for that, and whether it is a repetition. */
export function outcomeHeaders(
  outcome: { ok: boolean; replayed?: true },
  recorded: Recorded,
  preferredWaitMs: number | null,
): Record<string, string> {
  const applied = preferredWaitMs === null ? {} : { "Preference-Applied": `wait=${preferredWaitMs / 1000}` };
  const replayed = outcome.replayed ? { "Idempotency-Replayed": "true" } : {};
  return { "Holdfast-Recorded": recorded, ...applied, ...replayed };
}

/** Tells a caller that the rules say no, or that there is nothing of that name. */
export function refuseCaller(
  { context, audience }: Pick<Call<Callers, unknown, unknown, unknown>, "context" | "audience">,
  refusal: Refusal,
  headers: Record<string, string>,
): Response | Promise<Response> {
  return refusal.code === "not-found" ? notFound(context, audience) : refuse(refusal, audience, headers);
}

/** `Prefer: wait=N` in milliseconds, at most ten seconds; null when it is absent or makes no sense (RFC 7240: ignore it). */
export function preferredWait(context: Context): number | null {
  const header = context.req.header("Prefer") ?? "";
  const seconds = /(?:^|[,;\s])wait=(\d{1,9})(?:$|[,;\s])/i.exec(header)?.[1];
  return seconds === undefined ? null : Math.min(Number(seconds), WAIT_SECONDS_MAX) * 1000;
}
