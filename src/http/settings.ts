import { z } from "zod";
import { RETENTION_DAYS_MAX, RETENTION_DAYS_MIN, retentionDaysOf } from "../domain/retention.ts";

/** The value in `.dev.vars.example`, which is public. */
const EXAMPLE_SECRET = "replace-me-with-at-least-32-random-bytes";

function flag() {
  return z
    .enum(["true", "false", ""])
    .default("false")
    .transform((value) => value === "true");
}

const settingsSchema = z
  .object({
    AUTH_SECRET: z
      .string()
      .refine((secret) => new TextEncoder().encode(secret).byteLength >= 32, "needs at least 32 bytes")
      .refine((secret) => secret !== EXAMPLE_SECRET, "is the example's value"),
    AUTH_JWKS_URL: z.union([z.literal(""), z.url({ protocol: /^https?$/ })]).default(""),
    AUTH_ISSUER: z.string().default(""),
    AUTH_AUDIENCE: z.string().default(""),
    ALLOWED_ORIGINS: z
      .string()
      .default("")
      .transform((list) =>
        list
          .split(",")
          .map((origin) => origin.trim())
          .filter((origin) => origin !== ""),
      ),
    SHOPPER_CONFIRM: flag(),
    PRIVATE_WEBHOOKS: flag(),
    DEMO: flag(),
    RETENTION_DAYS: z
      .string()
      .optional()
      .refine(
        (days) => retentionDaysOf(days) !== null,
        `has to be ${RETENTION_DAYS_MIN} to ${RETENTION_DAYS_MAX} days`,
      ),
  })
  // A demo without payments would show nothing.
  .transform((settings) => ({ ...settings, DEMO: settings.DEMO && settings.SHOPPER_CONFIRM }));
export type Settings = z.infer<typeof settingsSchema>;

let parsed: { env: Env; settings: Settings } | null = null;

/** The service's settings. Throws if they are invalid, naming the setting and never its value. */
export function settingsOf(env: Env): Settings {
  if (parsed?.env === env) return parsed.settings;
  const result = settingsSchema.safeParse(env);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new Error(`the service is not configured: ${faults.join("; ")}`);
  }
  parsed = { env, settings: result.data };
  return result.data;
}

/** Whether a page of this origin may use the service. Calls without an origin do not come from a page. */
export function isAllowedOrigin(settings: Settings, origin: string | undefined): boolean {
  return origin === undefined || settings.ALLOWED_ORIGINS.length === 0 || settings.ALLOWED_ORIGINS.includes(origin);
}
