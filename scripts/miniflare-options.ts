import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, type MiniflareOptions, type V4WorkerOptions } from "miniflare";
import { type Unstable_Config as Config, unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import type { BundledModule } from "./bundle.ts";
import { root } from "./root.ts";

const host = "127.0.0.1";
const pagesName = "pages";

export type Setup = {
  configPath: string;
  port: number;
  dir: string;
  pidFile: string;
  modules: BundledModule[];
  vars: Record<string, string>;
};

/** What the wrangler.toml describes, for Miniflare: the Worker on a socket of its own, all data under `dir`. */
export function miniflareOptions(setup: Setup): MiniflareOptions {
  const { port, dir, pidFile, modules, vars } = setup;
  const configPath = resolve(root, setup.configPath);
  // wrangler would announce which file it took secrets from.
  process.env.WRANGLER_LOG ??= "warn";
  // Children of this process inherit both, so that their runtime starts as well.
  process.env.MINIFLARE_WORKERD_PATH = join(root, "scripts", "workerd.sh");
  process.env.HOLDFAST_WORKERD = workerdPath();
  const config = unstable_readConfig({ config: configPath });
  const { modulesRules: _, assets: __, ...worker } = unstable_getMiniflareWorkerOptions(configPath).workerOptions;
  const service = {
    ...worker,
    name: config.name ?? "holdfast",
    modules,
    bindings: { ...config.vars, ...vars },
    unsafeDirectSockets: [{ host, port }],
  };
  return convertV4MiniflareOptions({
    workers: withPages(service, config),
    host,
    port: 0,
    cf: false,
    log: new Log(LogLevel.WARN),
    telemetry: { enabled: false },
    // The folder that wrangler uses under its --persist-to, so that both see the same data.
    resourcePersistencePath: join(dir, "v3"),
    unsafeRuntimeEnv: { HOLDFAST_WORKERD_PID_FILE: pidFile },
  });
}

// Cloudflare serves static files before the Worker and at no cost to it. Miniflare's stand-in for that takes four times
// the CPU of a plain request, so here the files are behind the Worker's binding instead, where its API does not pass.
function withPages(service: V4WorkerOptions, { assets, compatibility_date }: Config): V4WorkerOptions[] {
  if (!assets?.directory || !assets.binding) return [service];
  const pages = {
    name: pagesName,
    ...(compatibility_date ? { compatibilityDate: compatibility_date } : {}),
    modules: [{ type: "ESModule" as const, path: "pages.js", contents: "export default {};" }],
    assets: {
      directory: resolve(root, assets.directory),
      assetConfig: { html_handling: assets.html_handling, not_found_handling: assets.not_found_handling },
      routerConfig: { has_user_worker: false },
    },
  };
  return [{ ...service, serviceBindings: { [assets.binding]: pagesName } }, pages];
}

// Through Miniflare's own eyes: its runtime, not another version that happens to be installed.
function workerdPath(): string {
  const requireAsMiniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  return requireAsMiniflare("workerd").default;
}
