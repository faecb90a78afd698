// npm run rehearse -- --shoppers N --stock N [--url U] [--seed S]: a synthetic drop with an audit at the end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDevVars } from "./dev-vars.ts";
import { counted, readable } from "./rehearse/evidence.ts";
import { type Options, readOptions } from "./rehearse/options.ts";
import { makeProgress } from "./rehearse/progress.ts";
import { type Result, rehearse, type Target } from "./rehearse/rehearsal.ts";
import { auditLines, latencyTable, outcomeLines } from "./rehearse/report.ts";
import { startService } from "./service.ts";

type OwnTarget = Target & { stop: () => Promise<void> };

try {
  const options = readOptions();
  const { shoppers, stock, seed, url } = options;
  console.log(
    `Rehearsal: ${counted(shoppers, "shopper")}, ${counted(stock, "unit")}, seed ${seed}, ${url ?? "own service"}`,
  );
  const target = url === null ? await startOwn() : { url, secret: ensureDevVars().AUTH_SECRET, stop: async () => {} };
  try {
    report(options, await rehearse(options, target, makeProgress()));
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
    const service = await startService({ port: 0, stateDir });
    const stop = async () => {
      await service.stop();
      await remove();
    };
    onSignal(stop);
    return { url: service.url, secret: service.secret, stop };
  } catch (error) {
    await remove();
    throw error;
  }
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

function report(options: Options, { sku, journal, checks, saleSeconds, totalSeconds }: Result): void {
  const broken = checks.filter(({ offenders }) => offenders.length > 0).length;
  const perSecond = Math.round(journal.calls / saleSeconds);
  const verdict = broken === 0 ? `all ${checks.length} promises kept` : `${broken} of ${checks.length} promises BROKEN`;
  const lines = [
    "",
    `Calls: ${readable(journal.calls)} in ${saleSeconds.toFixed(1)} s, ${perSecond} a second, ${journal.peak} in the busiest`,
    ...latencyTable(journal),
    "",
    "Outcomes",
    ...outcomeLines(journal),
    "",
    `Audit of ${sku.sku}, version ${readable(sku.version)}, ${sku.state}`,
    ...auditLines(checks),
    "",
    `Rehearsal: ${verdict}, seed ${options.seed}, ${totalSeconds.toFixed(0)} s`,
  ];
  console.log(lines.join("\n"));
  process.exitCode = broken === 0 ? 0 : 1;
}
