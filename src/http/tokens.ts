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
import type { Settings } from "./settings.ts";

/** Whom a valid token speaks for. */
export interface Caller {
  role: "shopper" | "storefront" | "admin";
  sub: string;
  /** When the token expires, in milliseconds. */
  expiresAt: number;
}

const claims = z.object({
  role: z.enum(["shopper", "storefront", "admin"]),
  sub: customerName,
  exp: z.number().max(Number.MAX_SAFE_INTEGER / 1000),
});

/** Tokens that were verified in this isolate: a shopper makes several calls with one, a storefront thousands. */
const verified = new Map<string, { settings: Settings; caller: Caller }>();
const VERIFIED_TOKENS_MAX = 10_000;
const TOKEN_CHARS_MAX = 8 * 1024;

/** The caller that a token speaks for, or null when it is not valid now. Rejects only when the keys cannot be had. */
export async function verifyToken(token: string, settings: Settings, now: number): Promise<Caller | null> {
  const known = verified.get(token);
  if (known?.settings === settings && now < known.caller.expiresAt) return known.caller;
  if (token.length > TOKEN_CHARS_MAX) return null;
  const caller = await verifyAfresh(token, settings);
  if (caller === null) return null;
  if (verified.size >= VERIFIED_TOKENS_MAX) verified.delete(verified.keys().next().value ?? "");
  verified.set(token, { settings, caller });
  return caller;
}

/** What jose reports when the key set cannot be fetched or read: an outage, and no fault of the token. */
const KEYS_UNAVAILABLE = new Set(["ERR_JOSE_GENERIC", "ERR_JWKS_INVALID", "ERR_JWKS_TIMEOUT"]);

async function verifyAfresh(token: string, settings: Settings): Promise<Caller | null> {
  try {
    const parsed = claims.safeParse(await verifySignature(token, settings));
    if (!parsed.success) return null;
    const { role, sub, exp } = parsed.data;
    return { role, sub, expiresAt: exp * 1000 };
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || KEYS_UNAVAILABLE.has(error.code)) throw error;
    return null;
  }
}

/** Each algorithm goes with its own source of keys, so that a public key can never pass for a shared secret. */
async function verifySignature(token: string, settings: Settings): Promise<JWTPayload> {
  const { alg } = readHeader(token);
  const options: JWTVerifyOptions = { requiredClaims: ["exp"] };
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
