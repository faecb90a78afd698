import { errors, type JWTPayload } from "jose";
import { z } from "zod";
import { customerName } from "../contracts/names.ts";
import { TOKEN_LEEWAY_SECONDS } from "../domain/bounds.ts";
import type { Judging } from "./key-server.ts";
import type { Settings } from "./settings.ts";
import { isSignedWithCurrentKeys, type SignedBy, verifySignature } from "./signature.ts";
import { claimFault, EXPIRED, NOT_YET, tokenFault } from "./token-faults.ts";

/** The caller that a valid token stands for. */
export interface Caller {
  role: "shopper" | "storefront" | "admin";
  sub: string;
  /** When the token expires, in milliseconds. */
  expiresAt: number;
}

/** The result of a verification: the caller, or what is wrong with the token. */
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

/** Tokens verified in this isolate: a shopper makes several calls with one, a storefront thousands. */
const verified = new Map<string, { settings: Settings; caller: Caller; signedBy: SignedBy }>();
const VERIFIED_TOKENS_MAX = 10_000;
const TOKEN_CHARS_MAX = 8 * 1024;

/** Verifies a token. Rejects only if the keys cannot be loaded. */
export async function verifyToken(token: string, settings: Settings, when: Judging): Promise<Verdict> {
  const known = verified.get(token);
  if (known?.settings === settings && when.now < known.caller.expiresAt) {
    if (await isSignedWithCurrentKeys(known.signedBy, settings, when)) return { caller: known.caller };
  }
  if (token.length > TOKEN_CHARS_MAX) return { fault: `the token has more than ${TOKEN_CHARS_MAX} characters` };
  try {
    const { payload, signedBy } = await verifySignature(token, settings, when);
    const verdict = judgeClaims(payload, when.now);
    if ("caller" in verdict) remember(token, { settings, signedBy, ...verdict });
    return verdict;
  } catch (error) {
    // An unreadable key set is an outage, not a fault of the token.
    if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSInvalid) throw error;
    return { fault: tokenFault(error) };
  }
}

function remember(token: string, entry: { settings: Settings; caller: Caller; signedBy: SignedBy }): void {
  if (verified.size >= VERIFIED_TOKENS_MAX) verified.delete(verified.keys().next().value ?? "");
  verified.set(token, entry);
}

/** The caller of a token whose signature, times, issuer and audience are valid. */
function judgeClaims(payload: JWTPayload, now: number): Verdict {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return { fault: claimFault(parsed.error) };
  const { role, sub, exp, iat = 0 } = parsed.data;
  // The leeway applies to a token's beginning; `exp` has none.
  if (exp * 1000 <= now) return { fault: EXPIRED };
  if (iat * 1000 > now + TOKEN_LEEWAY_SECONDS * 1000) return { fault: NOT_YET };
  return { caller: { role, sub, expiresAt: exp * 1000 } };
}
