// npm run bench: what the service costs, measured against floors in the same run on the same machine.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startService } from "../scripts/service.ts";
import { signToken } from "../scripts/sign-token.ts";
import { type Load, type Measured, measure } from "./load.ts";
import { createSku, fill, type PointName, preparePoints, reserveOf, type Target, untilRecorded } from "./points.ts";

const CONNECTIONS = 128;
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "5" },
    /** Rows of the grown SKU; 0 leaves growth out. */
    rows: { type: "string", default: "900000" },
  },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const rows = Number(options.rows);

const stateDir = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
const service = await startService({ port: 0, stateDir, configPath: "bench/wrangler.toml" });
try {
  const token = (role: "storefront" | "admin") => signToken(service.secret, { role, sub: "bench" });
  const target: Target = { url: service.url, storefront: await token("storefront"), admin: await token("admin") };
  const points = await measureAll(await preparePoints(target));
  const growth = rows > 0 ? await measureGrowth(target) : null;
  report(points, growth);
} finally {
  await service.stop();
  await rm(stateDir, { recursive: true, force: true });
}

/** All loads in turn, several rounds, so that a slow moment of the machine falls on all of them. */
async function measureAll<Name extends string>(loads: Record<Name, Load>): Promise<Record<Name, Measured>> {
  const names = Object.keys(loads) as Name[];
  const taken = new Map<Name, Measured[]>(names.map((name) => [name, []]));
  for (const name of names) await measure(loads[name], CONNECTIONS, 2, service.workerdPid);
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const measured = await measure(loads[name], CONNECTIONS, seconds, service.workerdPid);
      taken.get(name)?.push(measured);
      console.error(`round ${round}/${rounds}  ${name.padEnd(8)} ${Math.round(measured.perSecond)}/s`);
    }
  }
  return Object.fromEntries(names.map((name) => [name, medianOf(taken.get(name) ?? [])])) as Record<Name, Measured>;
}

/** The cost of a reserve with few and with many reservations in the object, in turn. */
async function measureGrowth(target: Target): Promise<Record<"small" | "grown", Measured>> {
  await createSku(target, "bench-small", 1_000_000);
  await createSku(target, "bench-grown", 1_000_000);
  await fill(target, "bench-small", 1_000);
  console.error(`filling a SKU with ${rows} reservations`);
  await fill(target, "bench-grown", rows);
  await untilRecorded(target);
  return measureAll({ small: reserveOf(target, "bench-small", 201), grown: reserveOf(target, "bench-grown", 201) });
}

function medianOf(measured: readonly Measured[]): Measured {
  const middle = (member: keyof Measured) => {
    const sorted = measured.map((one) => one[member]).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return {
    perSecond: middle("perSecond"),
    p50Ms: middle("p50Ms"),
    p99Ms: middle("p99Ms"),
    cpuMicros: middle("cpuMicros"),
  };
}

function report(points: Record<PointName, Measured>, growth: Record<"small" | "grown", Measured> | null): void {
  const labels: Record<string, string> = {
    instant: "1 floor: answers at once",
    parse: "1 floor: token, parse, answer",
    noop: "1 floor: no-op call to an object",
    reserve: "2 reserve, every feature on",
    soldOut: "3 refusal, sold out",
    read: "5 read a SKU",
    small: "8 reserve among 1,000 rows",
    grown: `8 reserve among ${rows.toLocaleString("en-US")} rows`,
  };
  const all: Record<string, Measured> = { ...points, ...growth };
  console.log(`\n${"".padEnd(34)}  per second     p50     p99   CPU each`);
  for (const [name, { perSecond, p50Ms, p99Ms, cpuMicros }] of Object.entries(all)) {
    const rate = Math.round(perSecond).toLocaleString("en-US").padStart(10);
    const times = `${p50Ms.toFixed(0).padStart(5)} ms ${p99Ms.toFixed(0).padStart(4)} ms`;
    console.log(`${(labels[name] ?? name).padEnd(34)}  ${rate}  ${times}  ${cpuMicros.toFixed(0).padStart(6)} µs`);
  }
  const ratios: Record<string, number> = {
    "reserve / no-op floor": points.reserve.perSecond / points.noop.perSecond,
    "sold-out refusal / parse floor": points.soldOut.perSecond / points.parse.perSecond,
    ...(growth ? { "reserve, grown / small": growth.grown.perSecond / growth.small.perSecond } : {}),
  };
  console.log();
  for (const [name, ratio] of Object.entries(ratios)) console.log(`${name.padEnd(34)}  ${ratio.toFixed(2)}`);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
  const results = { machine, connections: CONNECTIONS, rounds, seconds, measured: all, ratios };
  void writeFile(join(import.meta.dirname, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\n${CONNECTIONS} connections, median of ${rounds} rounds of ${seconds} s, on ${machine}`);
}
