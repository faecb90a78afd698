// Plain JavaScript for any Node from 20 on, because it runs before anything is installed:
//   node scripts/bootstrap.mjs <command> [arguments]
// Installs what is missing, then runs the command with the tools and the Node of node_modules first on PATH.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./install.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const parentPollMs = 250;
const bin = join(root, "node_modules", ".bin");

const [command, ...args] = process.argv.slice(2);
if (command === undefined) fail("usage: node scripts/bootstrap.mjs <command> [arguments]");

try {
  await ensureInstalled(root);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
if (!existsSync(join(bin, "node")) && Number.parseInt(process.versions.node, 10) < 24) {
  fail("Holdfast needs Node 24: allow the install script of the npm package `node`, or install Node 24 yourself.");
}

const child = spawn(command, args, {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: [bin, process.env.PATH].join(delimiter),
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    // Miniflare would ask the network where on earth this machine is.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  },
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the whole process group, so the child has it already; twice would mean "at once".
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
// Whoever killed npm without a word meant the service, too.
const parent = process.ppid;
setInterval(() => process.ppid === parent || child.kill("SIGTERM"), parentPollMs).unref();

child.on("error", (error) => fail(`Cannot run ${command}: ${error.message}`));
child.on("close", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

function fail(message) {
  console.error(message);
  process.exit(1);
}
