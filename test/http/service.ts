import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createApp } from "../../src/http/app.ts";
import { callThrough } from "../client.ts";

/** Settings and bindings that the Worker itself uses; the objects keep theirs. */
type Settings = Partial<Omit<Env, "SKU">>;

/** Calls of the service as it is with other settings, on the same objects. */
export function serviceWith(settings: Settings) {
  const app = createApp();
  const configured = { ...env, ...settings };
  return callThrough((request) => app.fetch(request, configured, createExecutionContext()));
}
