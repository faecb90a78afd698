import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundleInto } from "../../scripts/bundle.ts";
import { migrateLocal } from "../../scripts/migrate.ts";
import { launchBrowser } from "./chromium.ts";
import { startPrepared } from "./prepared.ts";

const configPath = "wrangler.toml";
let end = async () => {};

/** Makes once what the files of all projects need: the Worker, an empty database, a browser, and a service for those that can share one. */
export async function setup(project: TestProject): Promise<void> {
  if ("prepared" in project.getProvidedContext()) return;
  const folder = await mkdtemp(join(tmpdir(), "holdfast-tests-"));
  const parts = { bundle: join(folder, "bundle"), state: join(folder, "state") };
  const [browser] = await Promise.all([
    launchBrowser(),
    bundleInto(parts.bundle, configPath),
    migrateLocal(parts.state, configPath),
  ]);
  const shared = await startPrepared(parts);
  const { url, secret } = shared;
  project.vitest.provide("prepared", { ...parts, browser: browser.wsEndpoint(), shared: { url, secret } });
  end = async () => {
    await Promise.all([browser.close(), shared.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}

export async function teardown(): Promise<void> {
  await end();
}
