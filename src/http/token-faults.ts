import { errors } from "jose";
import type { z } from "zod";

export const EXPIRED = "the token has expired";
export const NOT_YET = "the token is not valid yet";

const BY_CODE: Record<string, string> = {
  ERR_JWT_EXPIRED: EXPIRED,
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the token's signature is wrong",
  ERR_JWKS_NO_MATCHING_KEY: "the token is signed with a key that is not known",
  ERR_JOSE_ALG_NOT_ALLOWED: "the token's algorithm is not accepted here",
  ERR_JOSE_NOT_SUPPORTED: "the token's header asks for what is not supported",
};
const MALFORMED = "the token is malformed";

/** Why jose refuses a token, for people: which part is wrong, without any value of the token or the service. */
export function tokenFault(error: errors.JOSEError): string {
  if (!(error instanceof errors.JWTClaimValidationFailed)) return BY_CODE[error.code] ?? MALFORMED;
  switch (error.claim) {
    case "nbf":
      return error.reason === "check_failed" ? NOT_YET : MALFORMED;
    case "exp":
      return error.reason === "missing" ? "the token has no expiry (exp)" : MALFORMED;
    case "iss":
      return "the token's issuer (iss) is not accepted here";
    case "aud":
      return "the token's audience (aud) is not this service";
    default:
      return MALFORMED;
  }
}

/** Why the claims of a correctly signed token are refused. */
export function claimFault(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.path[0] === "role") return `the token ${issue.message}`;
  return issue?.path[0] === "sub"
    ? `the token's subject (sub) is not a valid customer name: ${issue.message}`
    : MALFORMED;
}
