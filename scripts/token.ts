// npm run -s token -- --role shopper --sub alice [--ttl seconds]: prints a token, and nothing else.
import { parseArgs } from "node:util";
import { ensureDevVars } from "./dev-vars.ts";
import { type Claims, roles, signToken } from "./sign-token.ts";

const usage = "usage: npm run -s token -- --role shopper|storefront|admin --sub NAME [--ttl SECONDS]";

try {
  console.log(await signToken(ensureDevVars().AUTH_SECRET, readClaims()));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function readClaims(): Claims {
  const { values } = parseArgs({
    options: { role: { type: "string" }, sub: { type: "string" }, ttl: { type: "string" } },
  });
  const role = roles.find((known) => known === values.role);
  if (role === undefined || !values.sub) throw new Error(usage);
  if (values.ttl === undefined) return { role, sub: values.sub };
  const ttlSeconds = Number(values.ttl);
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1) throw new Error("--ttl is a whole number of seconds.");
  return { role, sub: values.sub, ttlSeconds };
}
