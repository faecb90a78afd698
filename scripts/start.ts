// npm start -- [--port N] [--persist-to DIR] [any other option of wrangler dev]: a development server with a demo SKU.
import { type ChildProcess, spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { buildWeb } from "./build-web.ts";
import { seedDemo } from "./demo.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { migrateLocal } from "./migrate.ts";
import { root } from "./root.ts";
import { signToken } from "./sign-token.ts";
import { waitUntilHealthy } from "./wait-until-healthy.ts";

const defaultPort = "8787";
const defaultPersistDir = ".wrangler/state";
const startTimeoutMs = 120_000;

/** The demo's page is its own back end. */
const demoVars = ["--var", "DEMO:true", "--var", "SHOPPER_CONFIRM:true", "--var", "PRIVATE_WEBHOOKS:true"];

const args = process.argv.slice(2);
const { values } = parseArgs({
  args,
  // Not strict: whatever else is there belongs to wrangler dev.
  strict: false,
  options: { port: { type: "string", default: defaultPort }, "persist-to": { type: "string" } },
});
const url = `http://localhost:${values.port}`;

const secret = ensureDevVars().AUTH_SECRET;
await buildWeb();
await migrateLocal(String(values["persist-to"] ?? defaultPersistDir), "wrangler.toml");
const server = startServer();
await greet(server);

function startServer(): ChildProcess {
  // Without its key bindings wrangler leaves Ctrl-C to us, and our lines stay readable.
  const options = ["--port", String(values.port), "--show-interactive-dev-session=false", ...demoVars];
  const child = spawn("wrangler", ["dev", ...options, ...withoutPort(args)], { cwd: root, stdio: "inherit" });
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (!stopping) child.kill("SIGTERM");
      stopping = true;
    });
  }
  child.on("close", (code) => process.exit(stopping ? 0 : (code ?? 1)));
  return child;
}

function withoutPort(all: string[]): string[] {
  return all.filter((arg, index) => !arg.startsWith("--port") && all[index - 1] !== "--port");
}

async function greet(child: ChildProcess): Promise<void> {
  try {
    await waitUntilHealthy(url, startTimeoutMs);
    const admin = await signToken(secret, { role: "admin", sub: "demo-admin" });
    const storefront = await signToken(secret, { role: "storefront", sub: "demo-shop" });
    const shopper = await signToken(secret, { role: "shopper", sub: "alice" });
    const demo = await seedDemo(url, admin);
    console.log(
      [
        "",
        `Holdfast runs at  ${url}/`,
        `operators         ${url}/console/`,
        `demo              ${demo}`,
        `shopper token     ${shopper}`,
        `storefront token  ${storefront}`,
        `admin token       ${admin}`,
        "Ctrl-C stops.",
        "",
      ].join("\n"),
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
    child.kill("SIGTERM");
  }
}
