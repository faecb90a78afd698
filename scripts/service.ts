import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Miniflare } from "miniflare";
import { ensureWeb } from "./build-web.ts";
import { type BundledModule, bundleWorker, readBundle } from "./bundle.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { dieTogether, waitUntilGone } from "./guard-process.ts";
import { migrateLocal } from "./migrate.ts";
import { miniflareOptions } from "./miniflare-options.ts";
import { root } from "./root.ts";

const handoverMs = 5_000;

export type ServiceOptions = {
  /** 0 takes any free port. */
  port: number;
  stateDir: string;
  /** Override wrangler.toml's vars and those of `.dev.vars`. */
  vars?: Record<string, string>;
  /** Another wrangler.toml than the project's own, as seen from the project's folder. */
  configPath?: string;
  /** A folder with the Worker's modules, as `bundleInto` leaves them; without it they are made. */
  bundle?: string;
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
export async function startService(options: ServiceOptions): Promise<Service> {
  const { port, stateDir, vars = {}, configPath = "wrangler.toml" } = options;
  const dir = resolve(root, stateDir);
  mkdirSync(dir, { recursive: true });
  const pidFile = join(dir, "workerd.pid");
  await waitForPredecessor(pidFile, dir);

  const allVars = { ...ensureDevVars(), ...vars };
  await ensureWeb();
  const modules = options.bundle === undefined ? bundleOnce(configPath) : readBundle(options.bundle);
  await Promise.all([modules, migrateLocal(dir, configPath)]);
  const miniflare = new Miniflare(
    miniflareOptions({ configPath, port, dir, pidFile, modules: await modules, vars: allVars }),
  );
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

// Kept, because a rehearsal starts the service many times over.
const bundles = new Map<string, Promise<BundledModule[]>>();
function bundleOnce(configPath: string): Promise<BundledModule[]> {
  const bundled = bundles.get(configPath) ?? bundleWorker(configPath);
  bundles.set(configPath, bundled);
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
