import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { type BundledModule, bundleWorker } from "./bundle.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { dieTogether, waitUntilGone } from "./guard-process.ts";
import { migrateLocal } from "./migrate.ts";
import { root } from "./root.ts";

const host = "127.0.0.1";
const configPath = join(root, "wrangler.toml");
const handoverMs = 5_000;

export type ServiceOptions = {
  /** 0 takes any free port. */
  port: number;
  stateDir: string;
  /** Override wrangler.toml's vars and those of `.dev.vars`. */
  vars?: Record<string, string>;
};

export type Service = {
  url: string;
  secret: string;
  /** The one process that does the service's work: for measuring it, or killing it. */
  workerdPid: number;
  stop: () => Promise<void>;
};

/**
 * Runs the Worker on the production runtime without wrangler's proxies; D1 and objects persist in `stateDir`.
 * Resolves when it answers. Should this process be killed, the runtime dies with it.
 */
export async function startService({ port, stateDir, vars = {} }: ServiceOptions): Promise<Service> {
  const dir = resolve(root, stateDir);
  mkdirSync(dir, { recursive: true });
  const pidFile = join(dir, "workerd.pid");
  await waitForPredecessor(pidFile, dir);

  const allVars = { ...ensureDevVars(), ...vars };
  const [modules] = await Promise.all([bundle(), migrateLocal(dir)]);
  const miniflare = new Miniflare(toMiniflareOptions({ port, dir, pidFile, modules, vars: allVars }));
  try {
    await miniflare.ready;
    const workerdPid = readPid(pidFile);
    if (workerdPid === undefined) throw new Error("The runtime did not leave its process id.");
    const callOff = dieTogether(workerdPid);
    const url = (await miniflare.unsafeGetDirectURL()).origin;
    const stop = async () => {
      callOff();
      await miniflare.dispose();
      rmSync(pidFile, { force: true });
    };
    return { url, secret: allVars.AUTH_SECRET, workerdPid, stop };
  } catch (error) {
    // Disposing of what never started fails with the same error.
    await miniflare.dispose().catch(() => undefined);
    if (error instanceof Error && "code" in error && error.code === "ERR_ADDRESS_IN_USE") {
      throw new Error(`Port ${port} is in use already.`);
    }
    throw error;
  }
}

type Setup = { port: number; dir: string; pidFile: string; modules: BundledModule[]; vars: Record<string, string> };

function toMiniflareOptions({ port, dir, pidFile, modules, vars }: Setup) {
  // wrangler would announce which file it took secrets from.
  process.env.WRANGLER_LOG ??= "warn";
  process.env.MINIFLARE_WORKERD_PATH = join(root, "scripts", "workerd.sh");
  const config = unstable_readConfig({ config: configPath });
  const { modulesRules: _, ...worker } = unstable_getMiniflareWorkerOptions(configPath).workerOptions;
  return convertV4MiniflareOptions({
    ...worker,
    name: config.name ?? "holdfast",
    modules,
    bindings: { ...config.vars, ...vars },
    unsafeDirectSockets: [{ host, port }],
    host,
    port: 0,
    cf: false,
    log: new Log(LogLevel.WARN),
    telemetry: { enabled: false },
    // The folder that wrangler uses under its --persist-to, so that both see the same data.
    resourcePersistencePath: join(dir, "v3"),
    unsafeRuntimeEnv: { HOLDFAST_WORKERD: workerdPath(), HOLDFAST_WORKERD_PID_FILE: pidFile },
  });
}

let bundled: Promise<BundledModule[]> | undefined;
function bundle(): Promise<BundledModule[]> {
  bundled ??= bundleWorker();
  return bundled;
}

async function waitForPredecessor(pidFile: string, dir: string): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === undefined || (await waitUntilGone(pid, handoverMs))) return;
  throw new Error(`${dir} is in use by process ${pid}. Stop it, or delete ${pidFile} if that is another program.`);
}

function readPid(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10);
  } catch {
    return undefined;
  }
}

// Through Miniflare's own eyes: its runtime, not another version that happens to be installed.
function workerdPath(): string {
  const requireAsMiniflare = createRequire(import.meta.resolve("miniflare"));
  return requireAsMiniflare("workerd").default;
}
