import { type JWTPayload, SignJWT } from "jose";
import { uuidv7 } from "uuidv7";
import type { App } from "./auth.ts";
import { bearerToken, isAddressWithinRate, judgingIn } from "./auth.ts";
import type { Judging } from "./key-server.ts";
import { fail, json } from "./responses.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { verifyToken } from "./tokens.ts";

/** How long a demo visitor keeps its identity. */
const SESSION_SECONDS = 4 * 60 * 60;

/** Gives the demo page a shopper's token, as a shop's own back end would; only if the settings allow it. */
export function addDemo(app: App): void {
  app.post("/demo/session", async (context) => {
    const settings = settingsOf(context.env);
    if (!settings.DEMO) return fail("not-found");
    if (!(await isAddressWithinRate(context))) return fail("rate-limited");
    const customer = await customerOf(bearerToken(context), settings, judgingIn(context));
    const token = await new SignJWT({ role: "shopper", ...claimsOf(settings) })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(customer)
      .setIssuedAt()
      .setExpirationTime(`${SESSION_SECONDS} s`)
      .sign(new TextEncoder().encode(settings.AUTH_SECRET));
    return json(201, { customer, token });
  });
}

/** The claims that the settings require of every token. */
function claimsOf({ AUTH_ISSUER, AUTH_AUDIENCE }: Settings): JWTPayload {
  return {
    ...(AUTH_ISSUER === "" ? {} : { iss: AUTH_ISSUER }),
    ...(AUTH_AUDIENCE === "" ? {} : { aud: AUTH_AUDIENCE }),
  };
}

/** A visitor with a valid shopper's token keeps its identity and its holds; anybody else becomes a new guest. */
async function customerOf(token: string | null, settings: Settings, when: Judging): Promise<string> {
  const verdict = token === null ? null : await verifyToken(token, settings, when);
  const isShopper = verdict !== null && "caller" in verdict && verdict.caller.role === "shopper";
  return isShopper ? verdict.caller.sub : `guest-${uuidv7()}`;
}
