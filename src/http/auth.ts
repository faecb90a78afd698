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

/** Roles that may see and manage a customer's claims; a shopper only its own. */
export const HOLDERS = ["shopper", "storefront", "admin"] as const;

/** An authenticated caller. */
export interface Authenticated {
  settings: Settings;
  caller: Caller | null;
  audience: Audience;
}

/** Authenticates a caller by token, role and rate limit; or returns the refusal. */
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

/** The answer for something that does not exist. Probing for names uses up the rate limit of the address. */
export async function notFound(context: Context<AppEnv>, audience: Audience): Promise<Response> {
  if (audience === "public" && !(await isAddressWithinRate(context))) return fail("rate-limited");
  return fail("not-found");
}

/** The context of verifying a token now. */
export function judgingIn(context: Context<AppEnv>): Judging {
  return { now: Date.now(), waitUntil: (work) => context.executionCtx.waitUntil(work) };
}

/** The token in `Authorization`, or beside the live subprotocol, because browsers cannot set that header on a WebSocket. */
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

/** Counts a call without a token against the rate limit of its address; false if it is exceeded. */
export async function isAddressWithinRate(context: Context<AppEnv>): Promise<boolean> {
  const address = context.req.header("CF-Connecting-IP") ?? "unknown";
  return (await context.env.ADDRESS_RATE.limit({ key: address })).success;
}
