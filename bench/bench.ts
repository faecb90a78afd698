// npm run bench: what the service costs, measured against floors in the same run on the same machine.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startService } from "../scripts/service.ts";
import { measureCost } from "./cost.ts";
import type { Load, Measured } from "./load.ts";
import { measureOverload } from "./overload.ts";
import {
  createSku,
  fill,
  type JointName,
  type PointName,
  prepareJoint,
  preparePoints,
  reserveOf,
  type Target,
  targetOf,
  untilRecorded,
} from "./points.ts";
import { measureAll, medianOf, mediansOf, type Ratio, type Rounds, ratioOf } from "./rounds.ts";
import { measureSweep, reportSweep, type Sweep } from "./sweep.ts";
import { measureWatched, type Watched } from "./watched.ts";

type Measure = <Name extends string>(loads: Record<Name, Load>) => Promise<Rounds<Name>>;

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    /** Rows of the grown SKU; 0 leaves growth out. */
    rows: { type: "string", default: "900000" },
    /** Open sockets on one SKU; 0 leaves them out. */
    watchers: { type: "string", default: "10000" },
    /** Holds that end at the same moment; 0 leaves them out. */
    due: { type: "string", default: "100000" },
    /** Only what the platform counts for each operation, and what a drop costs. */
    cost: { type: "boolean", default: false },
    /** Only what becomes of a sale that gets more than it takes. */
    overload: { type: "boolean", default: false },
  },
});
/** What is added to each call between objects, for objects that do not share a machine. */
const CALL_MS = 10;
const pace = { connections: 128, rounds: Number(options.rounds), seconds: Number(options.seconds) };
if (options.cost) {
  const cost = await measureCost();
  await writeFile(join(import.meta.dirname, "cost.json"), `${JSON.stringify(cost, null, 2)}\n`);
  process.exit();
}
if (options.overload) {
  const overload = await measureOverload(pace.seconds);
  await writeFile(join(import.meta.dirname, "overload.json"), `${JSON.stringify(overload, null, 2)}\n`);
  process.exit();
}
const rows = Number(options.rows);
const watchers = Number(options.watchers);
const due = Number(options.due);

// In more rounds than the rest: a difference of a few percent is less than what one round differs from the next.
const watchedPace = { ...pace, rounds: 3 * pace.rounds };
const watched = watchers > 0 ? await measureWatched(watchers, watchedPace) : null;
const { points, growth, joint } = await withService({}, async (target, measure) => ({
  points: await measure(await preparePoints(target)),
  growth: rows > 0 ? await measureGrowth(target, measure) : [],
  joint: await measure(await prepareJoint(target)),
}));
const farJoint = await withService({ CALL_MS: String(CALL_MS) }, async (target, measure) =>
  measure(await prepareJoint(target)),
);
const sweep = due > 0 ? await withService({}, (target) => measureSweep(target, due)) : null;
report(points, growth, joint, farJoint, watched, sweep);
if (sweep !== null) reportSweep(sweep);

/** Does something with a service of its own, started with these settings, and a measure of its process. */
async function withService<Result>(
  vars: Record<string, string>,
  does: (target: Target, measure: Measure) => Promise<Result>,
): Promise<Result> {
  const stateDir = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  const service = await startService({ port: 0, stateDir, vars, configPath: "bench/wrangler.toml" });
  try {
    return await does(await targetOf(service), (loads) => measureAll(loads, pace, service.workerdPid));
  } finally {
    await service.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** The cost of a reserve with few and with many reservations in the object, in turn. */
async function measureGrowth(target: Target, measure: Measure): Promise<Rounds<"small" | "grown">> {
  await createSku(target, "bench-small", 1_000_000);
  await createSku(target, "bench-grown", 1_000_000);
  await fill(target, "bench-small", 1_000);
  console.error(`filling a SKU with ${rows} reservations`);
  await fill(target, "bench-grown", rows);
  await untilRecorded(target);
  return measure({ small: reserveOf(target, "bench-small", 201), grown: reserveOf(target, "bench-grown", 201) });
}

function report(
  points: Rounds<PointName>,
  growth: Rounds<"small" | "grown">,
  joint: Rounds<JointName>,
  farJoint: Rounds<JointName>,
  watched: Watched | null,
  sweep: Sweep | null,
): void {
  const labels: Record<string, string> = {
    instant: "1 floor: answers at once",
    parse: "1 floor: token, parse, answer",
    noop: "1 floor: no-op call to an object",
    reserve: "2 reserve, every feature on",
    soldOut: "3 refusal, sold out",
    soldOutAsked: "3 the same, of a retry",
    read: "5 read a SKU, public",
    readAsked: "5 read a SKU, storefront",
    small: "8 reserve among 1,000 rows",
    alone: "10 reserve, again beside these",
    limited: "10 reserve under a drop's limit",
    cart: "10 cart of two lines",
    farAlone: `10 reserve, calls ${CALL_MS} ms longer`,
    farLimited: "10 under a limit, so far apart",
    farCart: "10 cart of two lines, so far apart",
    grown: `8 reserve among ${rows.toLocaleString("en-US")} rows`,
    unwatched: "7 reserve, not watched",
    watched: `7 reserve, ${watchers.toLocaleString("en-US")} watchers`,
  };
  const all: Record<string, Measured> = { ...mediansOf(points), ...mediansOf(growth), ...mediansOf(joint) };
  const { alone: farAlone, limited: farLimited, cart: farCart } = mediansOf(farJoint);
  Object.assign(all, { farAlone, farLimited, farCart });
  if (watched !== null) Object.assign(all, mediansOf(watched.rounds));
  console.log(`\n${"".padEnd(34)}  per second     p50     p99   CPU each`);
  for (const [name, { perSecond, p50Ms, p99Ms, cpuMicros }] of Object.entries(all)) {
    const rate = Math.round(perSecond).toLocaleString("en-US").padStart(10);
    const times = `${p50Ms.toFixed(0).padStart(5)} ms ${p99Ms.toFixed(0).padStart(4)} ms`;
    console.log(`${(labels[name] ?? name).padEnd(34)}  ${rate}  ${times}  ${cpuMicros.toFixed(0).padStart(6)} µs`);
  }
  const ratios: Record<string, Ratio> = {
    "reserve / no-op floor": ratioOf(points, "reserve", "noop"),
    "reserve under a limit / reserve": ratioOf(joint, "limited", "alone"),
    "cart of two lines / reserve": ratioOf(joint, "cart", "alone"),
    "under a limit, so far apart": ratioOf(farJoint, "limited", "alone"),
    "cart, so far apart": ratioOf(farJoint, "cart", "alone"),
    "sold-out refusal / parse floor": ratioOf(points, "soldOut", "parse"),
    "of a retry / no-op floor": ratioOf(points, "soldOutAsked", "noop"),
    "public read / answers at once": ratioOf(points, "read", "instant"),
    "storefront's read / no-op floor": ratioOf(points, "readAsked", "noop"),
    ...(watched === null ? {} : { "reserve, watched / not watched": ratioOf(watched.rounds, "watched", "unwatched") }),
    ...(growth.length > 0 ? { "reserve, grown / small": ratioOf(growth, "grown", "small") } : {}),
  };
  console.log();
  for (const [name, { median, min, max }] of Object.entries(ratios)) {
    console.log(`${name.padEnd(34)}  ${median.toFixed(2)}  (${min.toFixed(2)} to ${max.toFixed(2)})`);
  }
  const lastMs = watched === null ? null : medianOf(watched.lastMs);
  if (lastMs !== null) console.log(`${"one change, the last watcher".padEnd(34)}  ${lastMs} ms`);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
  const { isApart = false, rush = null } = watched ?? {};
  const results = { machine, ...pace, measured: all, ratios, lastMs, rush, isApart, sweep };
  void writeFile(join(import.meta.dirname, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  const { connections, rounds, seconds } = pace;
  console.log(`\n${connections} connections, median of ${rounds} rounds of ${seconds} s, on ${machine}`);
  if (rush === null) return;
  const kept = isApart ? "had one half of it, Relays and watchers the other" : "shared it with Relays and watchers";
  console.log(`Watched or not, of ${watchedPace.rounds} rounds: the sale and its shoppers ${kept};`);
  const [pushes, stock] = [rush.pushesPerSecond.toFixed(1), rush.stockFramesPerSecond.toFixed(1)];
  console.log(
    `in the rush each Relay was fed ${pushes} times and each watcher sent the stock ${stock} times a second,`,
  );
  console.log(
    `and the tenth that was signed in ${Math.round(rush.ownFramesPerSecond)} frames a second of its own holds`,
  );
}
