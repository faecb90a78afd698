import { SignJWT } from "jose";
import { uuidv7 } from "uuidv7";
import { fail, json } from "./answers.ts";
import type { App } from "./endpoint.ts";
import { settingsOf } from "./settings.ts";

/** How long a visitor of the demo is known: an afternoon. */
const SESSION_SECONDS = 4 * 60 * 60;

/** Lets the demo's page be somebody, as a shop's own back end would: where the settings allow it, and nowhere else. */
export function addDemo(app: App): void {
  app.post("/demo/session", async (context) => {
    const settings = settingsOf(context.env);
    if (!settings.DEMO) return fail("not-found");
    const customer = `guest-${uuidv7()}`;
    const token = await new SignJWT({ role: "shopper" })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(customer)
      .setIssuedAt()
      .setExpirationTime(`${SESSION_SECONDS} s`)
      .sign(new TextEncoder().encode(settings.AUTH_SECRET));
    return json(201, { customer, token });
  });
}
