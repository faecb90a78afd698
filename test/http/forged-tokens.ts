import { type JWTPayload, SignJWT } from "jose";
import { TEST_SECRET, tokenFor } from "../client.ts";

const secret = new TextEncoder().encode(TEST_SECRET);
const inAnHour = Math.floor(Date.now() / 1000) + 3600;
const admin = { role: "admin", sub: "root", exp: inAnHour };

/** A token with any claims, signed with the right secret unless another key is given. */
export function signed(claims: JWTPayload, key: Uint8Array = secret): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(key);
}

/** A token put together by hand: the header says what it likes, the signature is an HMAC with the service's secret. */
export async function handmade(header: unknown, claims: unknown, isSigned = true): Promise<string> {
  const content = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  if (!isSigned) return `${content}.`;
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(content));
  return `${content}.${base64url(String.fromCharCode(...new Uint8Array(signature)))}`;
}

function base64url(binary: string): string {
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const good = await tokenFor("admin", "root");
const [head, , tail] = good.split(".");
const swapped = `${head}.${base64url(JSON.stringify({ ...admin, sub: "somebody else" }))}.${tail}`;

/** Tokens that nobody may get in with, by what is wrong with them. */
export const FORGED: readonly [fault: string, token: string][] = [
  ["garbage", "garbage"],
  ["three parts of garbage", "a.b.c"],
  ["no signature", good.slice(0, good.lastIndexOf("."))],
  ["a signature cut short", good.slice(0, -4)],
  ["claims changed after signing", swapped],
  ["somebody else's secret", await signed(admin, new TextEncoder().encode("another secret of more than 32 bytes"))],
  ["an expiry that has passed", await signed({ ...admin, exp: inAnHour - 7200 })],
  ["an expiry that is now", await signed({ ...admin, exp: inAnHour - 3600 })],
  ["no expiry", await signed({ role: "admin", sub: "root" })],
  ["an expiry that is no number", await handmade({ alg: "HS256" }, { ...admin, exp: "never" })],
  ["a beginning in the future", await signed({ ...admin, nbf: inAnHour })],
  ["a role that there is not", await signed({ ...admin, role: "root" })],
  ["a role in another case", await signed({ ...admin, role: "Admin" })],
  ["a list of roles", await signed({ ...admin, role: ["admin"] })],
  ["no role", await signed({ sub: "root", exp: inAnHour })],
  ["no subject", await signed({ role: "admin", exp: inAnHour })],
  ["an empty subject", await signed({ ...admin, sub: "" })],
  ["a subject of 256 characters", await signed({ ...admin, sub: "x".repeat(256) })],
  ["a subject with a blank at its end", await signed({ ...admin, sub: "root " })],
  ["a subject with an invisible character", await signed({ ...admin, sub: "ro\u200bot" })],
  ["a subject with a control character", await signed({ ...admin, sub: "ro\u0000ot" })],
  ["alg none", await handmade({ alg: "none" }, admin, false)],
  ["alg None, signed", await handmade({ alg: "None" }, admin)],
  ["no alg", await handmade({ typ: "JWT" }, admin)],
  ["RS256 with the shared secret", await handmade({ alg: "RS256" }, admin)],
  ["ES256 with the shared secret", await handmade({ alg: "ES256" }, admin)],
  ["HS512", await new SignJWT(admin).setProtectedHeader({ alg: "HS512" }).sign(secret)],
  ["a header that must be understood", await handmade({ alg: "HS256", crit: ["x"], x: 1 }, admin)],
  ["claims that are no object", await handmade({ alg: "HS256" }, ["admin"])],
  ["over 8 KiB", await signed({ ...admin, filler: "x".repeat(9000) })],
];
