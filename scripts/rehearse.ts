// npm run rehearse -- [--drop] --shoppers N --stock N [--url U] [--seed S]: a synthetic drop with an audit at the end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDevVars } from "./dev-vars.ts";
import { counted } from "./rehearse/audit/evidence.ts";
import { readOptions } from "./rehearse/options.ts";
import { rehearse, type Target } from "./rehearse/rehearsal.ts";
import { makeProgress } from "./rehearse/report/progress.ts";
import { brokenIn, reportLines } from "./rehearse/report/report.ts";
import { type Service, startService } from "./service.ts";

/** The receiver of events is on this machine, and does not speak TLS. */
const vars = { PRIVATE_WEBHOOKS: "true" };

type OwnTarget = Target & { stop: () => Promise<void> };

try {
  const options = readOptions();
  const { shoppers, stock, seed, url } = options;
  console.log(
    `Rehearsal: ${counted(shoppers, "shopper")}, ${counted(stock, "unit")}, seed ${seed}, ${url ?? "own service"}`,
  );
  const theirs = { secret: ensureDevVars().AUTH_SECRET, kill: null, stop: async () => {} };
  const target = url === null ? await startOwn() : { url, ...theirs };
  try {
    const rehearsed = await rehearse(options, target, makeProgress());
    console.log(reportLines(rehearsed, seed).join("\n"));
    process.exitCode = brokenIn(rehearsed.checks) === 0 ? 0 : 1;
  } finally {
    await target.stop();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** A service of the rehearsal's own, whose data goes with it, however this process ends. */
async function startOwn(): Promise<OwnTarget> {
  const stateDir = await mkdtemp(join(tmpdir(), "holdfast-rehearsal-"));
  const remove = () => rm(stateDir, { recursive: true, force: true });
  onSignal(remove);
  try {
    let service = await startService({ port: 0, stateDir, vars });
    const { url, secret } = service;
    const stop = async () => {
      await service.stop();
      await remove();
    };
    onSignal(stop);
    const kill = async () => {
      await killNow(service);
      service = await startService({ port: Number(new URL(url).port), stateDir, vars });
    };
    return { url, secret, kill, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** As when the machine dies: the runtime gets no chance to finish anything. */
async function killNow({ workerdPid, stop }: Service): Promise<void> {
  process.kill(workerdPid, "SIGKILL");
  await stop();
}

/** Has the process end with `last`, whatever was to happen before. */
function onSignal(last: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // Miniflare's own listener would end this process before its data is removed.
    process.removeAllListeners(signal);
    process.once(signal, async () => {
      await last();
      process.exit(1);
    });
  }
}
