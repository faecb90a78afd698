import { createSku, fill, post, reserveOf, type Target, untilRecorded } from "./points.ts";
import { releasesSince, sequenceOf } from "./releases.ts";
import { p99 } from "./rounds.ts";

const SKU = "bench-due";
/** Filling comes first: a hundred thousand holds take a slow machine half of this time. */
const FILL_MS_MAX = 60_000;
const QUIET_MS = 3_000;
const SWEEP_MS = 12_000;
const PROBE_PAUSE_MS = 5;

/** What became of holds that all ended at the same moment, and of lone reserves just before and meanwhile. */
export interface Sweep {
  holds: number;
  releasedP99LateMs: number;
  releasedMostLateMs: number;
  quietP99Ms: number;
  quietMostMs: number;
  reserveP99Ms: number;
  reserveMostMs: number;
}

/** Lets `holds` holds of one SKU end at once, and looks at how late they are released and how long others wait for it. */
export async function measureSweep(target: Target, holds: number): Promise<Sweep> {
  await createSku(target, SKU, 2 * holds, { perCustomerLimit: null });
  console.error(`filling a SKU with ${holds} holds that end together`);
  const dueAt = Date.now() + FILL_MS_MAX;
  await fill(target, SKU, holds, dueAt);
  await untilRecorded(target);
  if (Date.now() > dueAt - QUIET_MS) throw new Error("filling took too long");
  const before = await sequenceOf(target, SKU);
  await pause(dueAt - QUIET_MS - Date.now());
  const quiet = await probeUntil(target, dueAt - 500);
  await pause(dueAt - 100 - Date.now());
  const during = await probeUntil(target, dueAt + SWEEP_MS);
  await untilRecorded(target);
  const late = await releasesSince(target, SKU, before);
  if (late.length < holds) throw new Error(`${late.length} of ${holds} holds were released`);
  return {
    holds: late.length,
    releasedP99LateMs: p99(late),
    releasedMostLateMs: late.reduce((most, one) => Math.max(most, one)),
    quietP99Ms: p99(quiet),
    quietMostMs: Math.max(...quiet),
    reserveP99Ms: p99(during),
    reserveMostMs: Math.max(...during),
  };
}

/** Prints it. */
export function reportSweep({ holds, ...ms }: Sweep): void {
  console.log(`\n6 ${holds.toLocaleString("en-US")} holds that end at the same moment`);
  console.log(`  released           p99 ${ms.releasedP99LateMs} ms late, at most ${ms.releasedMostLateMs} ms`);
  console.log(`  a lone reserve     p99 ${ms.reserveP99Ms.toFixed(0)} ms, at most ${ms.reserveMostMs.toFixed(0)} ms`);
  console.log(`  just before        p99 ${ms.quietP99Ms.toFixed(0)} ms, at most ${ms.quietMostMs.toFixed(0)} ms`);
}

/** Reserves one after the other until a time; how long each took. */
async function probeUntil(target: Target, until: number): Promise<number[]> {
  const { url, body = () => "" } = reserveOf(target, SKU, 201);
  const took: number[] = [];
  while (Date.now() < until) {
    const since = performance.now();
    await post(target, url.slice(target.url.length), JSON.parse(body()), target.storefront);
    took.push(performance.now() - since);
    await pause(PROBE_PAUSE_MS);
  }
  return took;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
