import { type JWTPayload, SignJWT } from "jose";
import { uuidv7 } from "uuidv7";
import type { App } from "./auth.ts";
import { bearerToken, isAddressWithinRate, judgingIn } from "./auth.ts";
import type { Judging } from "./key-server.ts";
import { fail, json } from "./responses.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { verifyToken } from "./tokens.ts";

/** How long a visitor of the demo is known: an afternoon. */
const SESSION_SECONDS = 4 * 60 * 60;

/** Lets the demo's page be somebody, as a shop's own back end would: where the settings allow it, and nowhere else. */
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

/** What the settings demand of every token. */
function claimsOf({ AUTH_ISSUER, AUTH_AUDIENCE }: Settings): JWTPayload {
  return {
    ...(AUTH_ISSUER === "" ? {} : { iss: AUTH_ISSUER }),
    ...(AUTH_AUDIENCE === "" ? {} : { aud: AUTH_AUDIENCE }),
  };
}

/** Who comes with a shopper's token that is still good stays who it is, with what it holds; anybody else is a new guest. */
async function customerOf(token: string | null, settings: Settings, when: Judging): Promise<string> {
  const verdict = token === null ? null : await verifyToken(token, settings, when);
  const isShopper = verdict !== null && "caller" in verdict && verdict.caller.role === "shopper";
  return isShopper ? verdict.caller.sub : `guest-${uuidv7()}`;
}
