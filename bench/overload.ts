// npm run bench -- --overload: what becomes of a sale that gets twice and ten times the calls that it takes.
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Service, startService } from "../scripts/service.ts";
import type { Answer, ArrivalsOrder, ArrivalsReport } from "./arrivals.ts";
import { keepTo } from "./cores.ts";
import { createSku, type Target, targetOf, untilRecorded } from "./points.ts";
import { releasesSince, sequenceOf } from "./releases.ts";
import { p99 } from "./rounds.ts";

const SKU = "bench-overloaded";
const FACTORS = [2, 10];
/** Closed loop: as many callers, each with one call at a time. */
const CONNECTIONS = 128;
/** Every hold ends while the load goes on, so that as many are released as are made. */
const HOLD_SECONDS = 5;
const PATIENCE_MS = 15_000;
/** The share of what the service takes at which it is looked at before and after. */
const QUIET = 0.25;
const RECOVERY_SECONDS = 15;

/** What one overload came to. */
interface Outcome {
  factor: number;
  calls: number;
  perSecond: number;
  bestPerSecond: number;
  acceptedPerSecond: number;
  /** The same for each second of the service's CPU, which other programs on the machine take nothing from. */
  ofBestPerCpuSecond: number;
  refusedPerSecond: number;
  unanswered: number;
  acceptedP99Ms: number;
  refusedP99Ms: number;
  retryAfterSeconds: [number, number];
  released: number;
  releasedP99LateMs: number;
  releasedMostLateMs: number;
  framesP99LateMs: number;
  framesMostLateMs: number;
  memoryMb: [number, number];
  normalAfterSeconds: number | null;
}

/** Measures and prints the overloads, each of `seconds`, next to what the service takes just before. */
export async function measureOverload(seconds: number): Promise<{ isApart: boolean; outcomes: Outcome[] }> {
  const stateDir = await mkdtemp(join(tmpdir(), "holdfast-overload-"));
  const service = await startService({ port: 0, stateDir, configPath: "bench/wrangler.toml" });
  const crowd = fork(join(import.meta.dirname, "arrivals.ts"));
  try {
    const here = [crowd.pid ?? 0, process.pid].map((pid) => keepTo("other", pid));
    const isApart = [keepTo("one", service.workerdPid), ...here].every((isKept) => isKept);
    console.log(`the service and the crowd ${isApart ? "have half of the machine each" : "share the machine"}`);
    const overload = new Overload(service, await targetOf(service), crowd, seconds);
    const outcomes: Outcome[] = [];
    await overload.prepare();
    for (const factor of FACTORS) {
      outcomes.push(await overload.measure(factor));
      console.table(outcomes.at(-1));
    }
    return { isApart, outcomes };
  } finally {
    keepTo("whole", process.pid);
    if (crowd.connected) crowd.disconnect();
    await service.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

class Overload {
  readonly #service: Service;
  readonly #target: Target;
  readonly #crowd: ChildProcess;
  readonly #seconds: number;

  constructor(service: Service, target: Target, crowd: ChildProcess, seconds: number) {
    this.#service = service;
    this.#target = target;
    this.#crowd = crowd;
    this.#seconds = seconds;
  }

  async prepare(): Promise<void> {
    await createSku(this.#target, SKU, 1_000_000, { perCustomerLimit: null, holdTtlSeconds: HOLD_SECONDS });
    await this.#calls(null, HOLD_SECONDS + 3);
  }

  async measure(factor: number): Promise<Outcome> {
    const best = await this.#calls(null, this.#seconds);
    const bestPerSecond = timesOf(best.answers, 201).length / this.#seconds;
    await new Promise((resolve) => setTimeout(resolve, HOLD_SECONDS * 1000));
    const quiet = await this.#calls(QUIET * bestPerSecond, HOLD_SECONDS);
    await untilRecorded(this.#target);
    const from = await sequenceOf(this.#target, SKU);
    const memoryBefore = this.#memoryMb();
    const watcher = await this.#watch();
    const { calls, answers, since, cpuSeconds } = await this.#calls(factor * bestPerSecond, this.#seconds);
    const memoryAfter = this.#memoryMb();
    const after = await this.#calls(QUIET * bestPerSecond, RECOVERY_SECONDS);
    const frames = watcher.stop();
    await untilRecorded(this.#target);
    const late = await releasesSince(this.#target, SKU, from);
    const inTime = answers.filter(({ at }) => at < since + this.#seconds * 1000);
    const accepted = timesOf(inTime, 201).length;
    const retryAfter = answers.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? []);
    return {
      factor,
      calls,
      perSecond: calls / this.#seconds,
      bestPerSecond,
      acceptedPerSecond: accepted / this.#seconds,
      ofBestPerCpuSecond: accepted / cpuSeconds / (timesOf(best.answers, 201).length / best.cpuSeconds),
      refusedPerSecond: timesOf(inTime, 503).length / this.#seconds,
      unanswered: calls - answers.length,
      acceptedP99Ms: p99(timesOf(answers, 201)),
      refusedP99Ms: p99(timesOf(answers, 503)),
      retryAfterSeconds: [Math.min(...retryAfter), Math.max(...retryAfter)],
      released: late.length,
      releasedP99LateMs: p99(late),
      releasedMostLateMs: Math.max(...late),
      framesP99LateMs: p99(frames),
      framesMostLateMs: Math.max(...frames),
      memoryMb: [memoryBefore, memoryAfter],
      normalAfterSeconds: normalAfter(after, since + this.#seconds * 1000, p99(timesOf(quiet.answers, 201))),
    };
  }

  #calls(perSecond: number | null, seconds: number): Promise<ArrivalsReport> {
    const { url, storefront: token } = this.#target;
    const order: ArrivalsOrder = {
      host: new URL(url).host,
      path: `/v1/skus/${SKU}/reservations`,
      token,
      perSecond,
      connections: CONNECTIONS,
      seconds,
      patienceMs: PATIENCE_MS,
      servicePid: this.#service.workerdPid,
    };
    this.#crowd.send(order);
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error("the crowd has gone"));
      this.#crowd.once("exit", onExit);
      this.#crowd.once("message", (report) => {
        this.#crowd.off("exit", onExit);
        resolve(report as ArrivalsReport);
      });
    });
  }

  /** Watches the stock, and tells how late each frame was: it says when what it shows was committed. */
  async #watch(): Promise<{ stop(): number[] }> {
    const socket = new WebSocket(`${this.#target.url.replace(/^http/, "ws")}/v1/skus/${SKU}/live`, "holdfast");
    const lateMs: number[] = [];
    socket.addEventListener("message", ({ data }) => {
      lateMs.push(Date.now() - Date.parse((JSON.parse(String(data)) as { at: string }).at));
    });
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    return {
      stop: () => {
        socket.close();
        // The first one shows what was committed before.
        return lateMs.slice(1);
      },
    };
  }

  #memoryMb(): number {
    const status = readFileSync(`/proc/${this.#service.workerdPid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }
}

function timesOf(answers: readonly Answer[], status: number): number[] {
  return answers.filter((answer) => answer.status === status).map(({ ms }) => ms);
}

/** From which second on, counted from a time, p99 stayed within twice what it was before; null: not so far. */
function normalAfter({ answers }: ArrivalsReport, from: number, normalMs: number): number | null {
  const bySecond = Map.groupBy(answers, ({ at }) => Math.floor((at - from) / 1000));
  const slow = Array.from(bySecond).filter(([, some]) => p99(some.map(({ ms }) => ms)) > 2 * normalMs);
  const last = Math.max(-1, ...slow.map(([second]) => second));
  return last >= Math.max(...bySecond.keys()) ? null : last + 1;
}
