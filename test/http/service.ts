import { env } from "cloudflare:workers";
import { createApp } from "../../src/http/app.ts";
import { callThrough } from "../client.ts";

type Settings = Partial<
  Pick<
    Env,
    "ALLOWED_ORIGINS" | "SHOPPER_CONFIRM" | "AUTH_JWKS_URL" | "AUTH_ISSUER" | "AUTH_AUDIENCE" | "AUTH_SECRET" | "DB"
  >
>;

/** Calls of the service as it is with other settings, on the same objects. */
export function serviceWith(settings: Settings) {
  const app = createApp();
  const configured = { ...env, ...settings };
  return callThrough((request) => app.fetch(request, configured));
}
