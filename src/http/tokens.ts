import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { z } from "zod";
import { customerName } from "../contracts/names.ts";
import { TOKEN_LEEWAY_SECONDS } from "../domain/bounds.ts";
import type { Settings } from "./settings.ts";
import { claimFault, EXPIRED, NOT_YET, tokenFault } from "./token-faults.ts";

/** Whom a valid token speaks for. */
export interface Caller {
  role: "shopper" | "storefront" | "admin";
  sub: string;
  /** When the token expires, in milliseconds. */
  expiresAt: number;
}

/** What a token comes to: whom it speaks for, or for people what is wrong with it. */
export type Verdict = { caller: Caller } | { fault: string };

const ROLES = ["shopper", "storefront", "admin"] as const;
const claims = z.object({
  role: z.enum(ROLES, {
    error: ({ input }) => (input === undefined ? "has no role" : `has none of the roles ${ROLES.join(", ")}`),
  }),
  sub: customerName,
  exp: z.number().max(Number.MAX_SAFE_INTEGER / 1000),
  iat: z.number().optional(),
});

/** Tokens that were verified in this isolate: a shopper makes several calls with one, a storefront thousands. */
const verified = new Map<string, { settings: Settings; caller: Caller }>();
const VERIFIED_TOKENS_MAX = 10_000;
const TOKEN_CHARS_MAX = 8 * 1024;

/** Judges a token as it is now. Rejects only when the keys cannot be had. */
export async function verifyToken(token: string, settings: Settings, now: number): Promise<Verdict> {
  const known = verified.get(token);
  if (known?.settings === settings && now < known.caller.expiresAt) return { caller: known.caller };
  if (token.length > TOKEN_CHARS_MAX) return { fault: `the token has more than ${TOKEN_CHARS_MAX} characters` };
  const verdict = await verifyAfresh(token, settings, now);
  if ("fault" in verdict) return verdict;
  if (verified.size >= VERIFIED_TOKENS_MAX) verified.delete(verified.keys().next().value ?? "");
  verified.set(token, { settings, caller: verdict.caller });
  return verdict;
}

/** What jose reports when the key set cannot be fetched or read: an outage, and no fault of the token. */
const KEYS_UNAVAILABLE = new Set(["ERR_JOSE_GENERIC", "ERR_JWKS_INVALID", "ERR_JWKS_TIMEOUT"]);

async function verifyAfresh(token: string, settings: Settings, now: number): Promise<Verdict> {
  try {
    return judgeClaims(await verifySignature(token, settings, now), now);
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || KEYS_UNAVAILABLE.has(error.code)) throw error;
    return { fault: tokenFault(error) };
  }
}

/** The claims of a token whose signature, beginning, issuer and audience are right. */
function judgeClaims(payload: JWTPayload, now: number): Verdict {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return { fault: claimFault(parsed.error) };
  const { role, sub, exp, iat = 0 } = parsed.data;
  // The leeway is for clocks that differ when a token begins; it ends when it says.
  if (exp * 1000 <= now) return { fault: EXPIRED };
  if (iat * 1000 > now + TOKEN_LEEWAY_SECONDS * 1000) return { fault: NOT_YET };
  return { caller: { role, sub, expiresAt: exp * 1000 } };
}

/** Each algorithm goes with its own source of keys, so that a public key can never pass for a shared secret. */
async function verifySignature(token: string, settings: Settings, now: number): Promise<JWTPayload> {
  const { alg } = readHeader(token);
  const options: JWTVerifyOptions = {
    requiredClaims: ["exp"],
    clockTolerance: TOKEN_LEEWAY_SECONDS,
    currentDate: new Date(now),
  };
  if (settings.AUTH_ISSUER !== "") options.issuer = settings.AUTH_ISSUER;
  if (settings.AUTH_AUDIENCE !== "") options.audience = settings.AUTH_AUDIENCE;
  if (alg === "HS256") {
    const key = await secretKey(settings.AUTH_SECRET);
    return (await jwtVerify(token, key, { ...options, algorithms: ["HS256"] })).payload;
  }
  if (settings.AUTH_JWKS_URL === "") throw new errors.JOSEAlgNotAllowed("only HS256 is configured");
  const keys = remoteKeys(settings.AUTH_JWKS_URL);
  return (await jwtVerify(token, keys, { ...options, algorithms: ["RS256", "ES256"] })).payload;
}

function readHeader(token: string): { alg?: string | undefined } {
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    throw new errors.JWTInvalid("the token has no header", { cause: error });
  }
}

let importedSecret: { secret: string; key: Promise<CryptoKey> } | null = null;

function secretKey(secret: string): Promise<CryptoKey> {
  if (importedSecret?.secret !== secret) {
    const bytes = new TextEncoder().encode(secret);
    const key = crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    importedSecret = { secret, key };
  }
  return importedSecret.key;
}

let remote: { url: string; keys: ReturnType<typeof createRemoteJWKSet> } | null = null;

function remoteKeys(url: string): ReturnType<typeof createRemoteJWKSet> {
  if (remote?.url !== url) remote = { url, keys: createRemoteJWKSet(new URL(url)) };
  return remote.keys;
}
