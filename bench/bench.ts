// npm run bench: what the service costs, measured against floors in the same run on the same machine.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startService } from "../scripts/service.ts";
import { signToken } from "../scripts/sign-token.ts";
import { type Load, type Measured, measure } from "./load.ts";
import {
  createSku,
  fill,
  type JointName,
  type PointName,
  prepareJoint,
  preparePoints,
  reserveOf,
  type Target,
  untilRecorded,
} from "./points.ts";
import { measureWatched, type Watched } from "./watched.ts";

const CONNECTIONS = 128;
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "5" },
    /** Rows of the grown SKU; 0 leaves growth out. */
    rows: { type: "string", default: "900000" },
    /** Open sockets on one SKU; 0 leaves them out. */
    watchers: { type: "string", default: "10000" },
  },
});
type Rounds<Name extends string> = Record<Name, Measured>[];

const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const rows = Number(options.rows);
const watchers = Number(options.watchers);

const stateDir = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
const service = await startService({ port: 0, stateDir, configPath: "bench/wrangler.toml" });
try {
  const token = (role: "storefront" | "admin") => signToken(service.secret, { role, sub: "bench" });
  const target: Target = { url: service.url, storefront: await token("storefront"), admin: await token("admin") };
  const points = await measureAll(await preparePoints(target));
  const growth = rows > 0 ? await measureGrowth(target) : [];
  const load = { connections: CONNECTIONS, seconds, pid: service.workerdPid };
  const watched = watchers > 0 ? await measureWatched(target, watchers, load) : null;
  const joint = await measureAll(await prepareJoint(target));
  report(points, growth, joint, watched);
} finally {
  await service.stop();
  await rm(stateDir, { recursive: true, force: true });
}

/** All loads in turn, several rounds, so that a slow moment of the machine falls on all of them. */
async function measureAll<Name extends string>(loads: Record<Name, Load>): Promise<Rounds<Name>> {
  const names = Object.keys(loads) as Name[];
  const taken: Rounds<Name> = [];
  for (const name of names) await measure(loads[name], CONNECTIONS, 2, service.workerdPid);
  for (let number = 1; number <= rounds; number++) {
    const round: Partial<Record<Name, Measured>> = {};
    for (const name of names) {
      const measured = await measure(loads[name], CONNECTIONS, seconds, service.workerdPid);
      round[name] = measured;
      console.error(`round ${number}/${rounds}  ${name.padEnd(8)} ${Math.round(measured.perSecond)}/s`);
    }
    taken.push(round as Record<Name, Measured>);
  }
  return taken;
}

/** The cost of a reserve with few and with many reservations in the object, in turn. */
async function measureGrowth(target: Target): Promise<Rounds<"small" | "grown">> {
  await createSku(target, "bench-small", 1_000_000);
  await createSku(target, "bench-grown", 1_000_000);
  await fill(target, "bench-small", 1_000);
  console.error(`filling a SKU with ${rows} reservations`);
  await fill(target, "bench-grown", rows);
  await untilRecorded(target);
  return measureAll({ small: reserveOf(target, "bench-small", 201), grown: reserveOf(target, "bench-grown", 201) });
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function mediansOf<Name extends string>(taken: Rounds<Name>): Record<string, Measured> {
  const medianOfPoint = (name: string): Measured => {
    const measured = taken.map((round) => round[name as Name]);
    return {
      perSecond: medianOf(measured.map(({ perSecond }) => perSecond)),
      p50Ms: medianOf(measured.map(({ p50Ms }) => p50Ms)),
      p99Ms: medianOf(measured.map(({ p99Ms }) => p99Ms)),
      cpuMicros: medianOf(measured.map(({ cpuMicros }) => cpuMicros)),
    };
  };
  return Object.fromEntries(Object.keys(taken[0] ?? {}).map((name) => [name, medianOfPoint(name)]));
}

/** Of each round by itself, for what slows the machine slows both alike; then the median. */
function ratioOf<Name extends string>(taken: Rounds<Name>, one: Name, other: Name): number {
  return medianOf(taken.map((round) => round[one].perSecond / round[other].perSecond));
}

function report(
  points: Rounds<PointName>,
  growth: Rounds<"small" | "grown">,
  joint: Rounds<JointName>,
  watched: Watched | null,
): void {
  const labels: Record<string, string> = {
    instant: "1 floor: answers at once",
    parse: "1 floor: token, parse, answer",
    noop: "1 floor: no-op call to an object",
    reserve: "2 reserve, every feature on",
    soldOut: "3 refusal, sold out",
    read: "5 read a SKU",
    small: "8 reserve among 1,000 rows",
    alone: "2 reserve, again beside these",
    limited: "2 reserve under a drop's limit",
    cart: "2 cart of two lines",
    grown: `8 reserve among ${rows.toLocaleString("en-US")} rows`,
    unwatched: "7 reserve, watched by nobody",
    watched: `7 reserve, ${watchers.toLocaleString("en-US")} watchers`,
  };
  const all: Record<string, Measured> = { ...mediansOf(points), ...mediansOf(growth), ...mediansOf(joint) };
  if (watched !== null) Object.assign(all, { unwatched: watched.alone, watched: watched.watched });
  console.log(`\n${"".padEnd(34)}  per second     p50     p99   CPU each`);
  for (const [name, { perSecond, p50Ms, p99Ms, cpuMicros }] of Object.entries(all)) {
    const rate = Math.round(perSecond).toLocaleString("en-US").padStart(10);
    const times = `${p50Ms.toFixed(0).padStart(5)} ms ${p99Ms.toFixed(0).padStart(4)} ms`;
    console.log(`${(labels[name] ?? name).padEnd(34)}  ${rate}  ${times}  ${cpuMicros.toFixed(0).padStart(6)} µs`);
  }
  const ratios: Record<string, number> = {
    "reserve / no-op floor": ratioOf(points, "reserve", "noop"),
    "reserve under a limit / reserve": ratioOf(joint, "limited", "alone"),
    "cart of two lines / reserve": ratioOf(joint, "cart", "alone"),
    "sold-out refusal / parse floor": ratioOf(points, "soldOut", "parse"),
    ...(watched === null
      ? {}
      : { "reserve, watched / not watched": watched.watched.perSecond / watched.alone.perSecond }),
    ...(growth.length > 0 ? { "reserve, grown / small": ratioOf(growth, "grown", "small") } : {}),
  };
  console.log();
  for (const [name, ratio] of Object.entries(ratios)) console.log(`${name.padEnd(34)}  ${ratio.toFixed(2)}`);
  const lastMs = watched === null ? null : medianOf(watched.lastMs);
  if (lastMs !== null) console.log(`${"one change, the last watcher".padEnd(34)}  ${lastMs} ms`);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
  const results = { machine, connections: CONNECTIONS, rounds, seconds, measured: all, ratios, lastMs };
  void writeFile(join(import.meta.dirname, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\n${CONNECTIONS} connections, median of ${rounds} rounds of ${seconds} s, on ${machine}`);
}
