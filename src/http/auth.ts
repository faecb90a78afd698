import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Audience } from "../contracts/present.ts";
import type { Judging } from "./key-server.ts";
import { fail } from "./responses.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { type Caller, verifyToken } from "./tokens.ts";

export type AppEnv = { Bindings: Env };
export type App = OpenAPIHono<AppEnv>;

export type Role = Caller["role"];
export type Callers = readonly Role[] | "anyone";

/** Who may see and manage what a customer holds; a shopper only its own. */
export const HOLDERS = ["shopper", "storefront", "admin"] as const;

/** A caller who was let in. */
export interface Authenticated {
  settings: Settings;
  caller: Caller | null;
  audience: Audience;
}

/** Lets a caller in by token, role and rate; or answers why not. */
export async function authenticate(
  context: Context<AppEnv>,
  { callers, shoppersIf }: { callers: Callers; shoppersIf?: (settings: Settings) => boolean },
): Promise<Authenticated | Response> {
  const settings = settingsOf(context.env);
  const token = bearerToken(context);
  const verdict = token === null ? { caller: null } : await verifyToken(token, settings, judgingIn(context));
  const caller = "fault" in verdict ? null : verdict.caller;
  if (!(await isWithinRate(context, caller))) return fail("rate-limited");
  if ("fault" in verdict) return fail("unauthenticated", verdict.fault);
  if (callers !== "anyone") {
    if (caller === null) return fail("unauthenticated", "this call needs a bearer token");
    const closedToShoppers = caller.role === "shopper" && shoppersIf?.(settings) === false;
    if (closedToShoppers || !callers.includes(caller.role)) return fail("forbidden", `not for the role ${caller.role}`);
  }
  return { settings, caller, audience: caller === null || caller.role === "shopper" ? "public" : "trusted" };
}

/** The answer to a SKU or reservation that does not exist. Whoever probes for names runs into the limit of its address. */
export async function notFound(context: Context<AppEnv>, audience: Audience): Promise<Response> {
  if (audience === "public" && !(await isAddressWithinRate(context))) return fail("rate-limited");
  return fail("not-found");
}

/** Judging a token now, for this call. */
export function judgingIn(context: Context<AppEnv>): Judging {
  return { now: Date.now(), waitUntil: (work) => context.executionCtx.waitUntil(work) };
}

/** The token in `Authorization`, or beside the live subprotocol where a browser cannot set that header. */
export function bearerToken(context: Context<AppEnv>): string | null {
  const header = context.req.header("Authorization");
  if (header !== undefined) return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? "";
  const protocols = context.req.header("Sec-WebSocket-Protocol")?.split(",") ?? [];
  const offered = protocols.map((protocol) => protocol.trim()).find((protocol) => protocol.startsWith("bearer."));
  return offered?.slice("bearer.".length) ?? null;
}

async function isWithinRate(context: Context<AppEnv>, caller: Caller | null): Promise<boolean> {
  if (caller === null) return isAddressWithinRate(context);
  if (caller.role !== "shopper") return true;
  return (await context.env.SHOPPER_RATE.limit({ key: caller.sub })).success;
}

/** Whether the address of a call may make one more without a token. */
export async function isAddressWithinRate(context: Context<AppEnv>): Promise<boolean> {
  const address = context.req.header("CF-Connecting-IP") ?? "unknown";
  return (await context.env.ADDRESS_RATE.limit({ key: address })).success;
}
