import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import { TOKEN_LEEWAY_SECONDS } from "../domain/bounds.ts";
import { type Judging, KeyServer } from "./key-server.ts";
import type { Settings } from "./settings.ts";

/** The key server's keys with which a token was verified; null: verified with the shared secret. */
export type SignedBy = object | null;

/** Whether the keys with which a token was verified are still current: a withdrawn key must not stay valid in the cache. */
export async function isSignedWithCurrentKeys(signedBy: SignedBy, settings: Settings, when: Judging): Promise<boolean> {
  return signedBy === null || signedBy === (await keyServer(settings.AUTH_JWKS_URL).keys(when));
}

/**
 * The claims of a token if its signature, times, issuer and audience are valid. Each algorithm has its own source of keys, so
 * that a public key can never be used as a shared secret.
 */
export async function verifySignature(
  token: string,
  settings: Settings,
  when: Judging,
): Promise<{ payload: JWTPayload; signedBy: SignedBy }> {
  const { alg, kid } = readHeader(token);
  const options: JWTVerifyOptions = {
    requiredClaims: ["exp"],
    clockTolerance: TOKEN_LEEWAY_SECONDS,
    currentDate: new Date(when.now),
  };
  if (settings.AUTH_ISSUER !== "") options.issuer = settings.AUTH_ISSUER;
  if (settings.AUTH_AUDIENCE !== "") options.audience = settings.AUTH_AUDIENCE;
  if (alg === "HS256") {
    const key = await secretKey(settings.AUTH_SECRET);
    const { payload } = await jwtVerify(token, key, { ...options, algorithms: ["HS256"] });
    return { payload, signedBy: null };
  }
  if (settings.AUTH_JWKS_URL === "") throw new errors.JOSEAlgNotAllowed("only HS256 is configured");
  const server = keyServer(settings.AUTH_JWKS_URL);
  // Read first: if the keys change while the token is verified, it is verified again.
  const signedBy = await server.keys(when);
  const verify = () => verifyRemotely(token, server, { ...options, algorithms: ["RS256", "ES256"] }, when);
  try {
    return { payload: await verify(), signedBy };
  } catch (error) {
    // A token without a key id may be signed with a key that is newer than the server's last answer.
    const mayBeNew = kid === undefined && error instanceof errors.JWSSignatureVerificationFailed;
    if (!mayBeNew || !(await server.haveChanged(signedBy, when))) throw error;
    return { payload: await verify(), signedBy: await server.keys(when) };
  }
}

function readHeader(token: string): { alg?: string | undefined; kid?: string | undefined } {
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

let remote: { url: string; server: KeyServer } | null = null;

function keyServer(url: string): KeyServer {
  if (remote?.url !== url) remote = { url, server: new KeyServer(url) };
  return remote.server;
}

/** Tries a token without a key id with every key that may have signed it: during a rotation there are two. */
async function verifyRemotely(
  token: string,
  server: KeyServer,
  options: JWTVerifyOptions,
  when: Judging,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, (...asked) => server.find(when, ...asked), options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const verified = await jwtVerify(token, key, options).catch(unlessSignature);
      if (verified !== null) return verified.payload;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function unlessSignature(error: unknown): null {
  if (error instanceof errors.JWSSignatureVerificationFailed) return null;
  throw error;
}
