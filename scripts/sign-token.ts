import { SignJWT } from "jose";

export const roles = ["shopper", "storefront", "admin"] as const;
export type Role = (typeof roles)[number];

export type Claims = { role: Role; sub: string; ttlSeconds?: number };

const defaultTtlSeconds = 12 * 60 * 60;

/** A bearer token that the service with this AUTH_SECRET accepts, valid for `ttlSeconds` (12 hours unless told). */
export function signToken(secret: string, claims: Claims): Promise<string> {
  const { role, sub, ttlSeconds = defaultTtlSeconds } = claims;
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ role })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(sub)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + ttlSeconds)
    .sign(new TextEncoder().encode(secret));
}
