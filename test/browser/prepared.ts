import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Service, startService } from "../../scripts/service.ts";

/** What is made once for all files that need a service. */
export interface Prepared {
  /** The Worker's modules. */
  bundle: string;
  /** The state of a service that nobody has called yet. */
  state: string;
  /** Where the browser is to be reached. */
  browser: string;
  /** A service for whoever minds nobody else's SKUs. */
  shared: Pick<Service, "url" | "secret">;
}

declare module "vitest" {
  interface ProvidedContext {
    prepared: Prepared;
  }
}

/** As the demo runs, and calling webhooks of this machine. */
const vars = { DEMO: "true", SHOPPER_CONFIRM: "true", PRIVATE_WEBHOOKS: "true" };

/** A service with a state of its own, which goes when it stops. */
export async function startPrepared({ bundle, state }: Pick<Prepared, "bundle" | "state">): Promise<Service> {
  const stateDir = await mkdtemp(join(tmpdir(), "holdfast-service-"));
  await cp(state, stateDir, { recursive: true });
  const service = await startService({ port: 0, stateDir, vars, bundle });
  const stop = async () => {
    await service.stop();
    await rm(stateDir, { recursive: true, force: true });
  };
  return { ...service, stop };
}
