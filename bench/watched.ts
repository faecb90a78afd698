import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Service, startService } from "../scripts/service.ts";
import { DIRECT_WATCHERS_MAX } from "../src/domain/bounds.ts";
import { keepTo } from "./cores.ts";
import { createSku, reserveOf, type Target, targetOf } from "./points.ts";
import { measureAll, type Pace, type Rounds, WARM_UP_SECONDS } from "./rounds.ts";

/** What the crowd's process is told, and what it tells. */
export type CrowdOrder =
  | { type: "open"; url: string; count: number; secret: string }
  | { type: "await"; version: number }
  | { type: "leave" };
export type CrowdReport = { type: "open"; count: number } | { type: "all"; at: number; frames: number };

/** What it costs that many watch. */
export type Watched = {
  /** From sending a single change, after a quiet moment, until the last watcher saw it. */
  lastMs: number[];
  /** Frames that each watcher was sent in a second of the rush, on average. */
  framesPerSecond: number;
  rounds: Rounds<"unwatched" | "watched">;
  /** Whether sale and crowd had a half of the machine each. */
  isApart: boolean;
};

const CHANGES = 9;
const PAUSE_MS = 1_500;
const SKU = "bench-watched";

/**
 * Measures one change at a time to all watchers of a SKU, and reserves of it beside those of a SKU that nobody watches.
 * Relays have a process of their own, as on the platform they have machines of their own; with the crowd they are kept to
 * one half of this machine, and the sale with those who buy to the other.
 */
export async function measureWatched(watchers: number, pace: Pace): Promise<Watched> {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-bench-watched-"));
  const [salePort, relaysPort] = [await freePort(), await freePort()];
  const start = (name: string, port: number, vars: Record<string, string>) =>
    startService({ port, vars, stateDir: join(dir, name), configPath: "bench/wrangler.toml" });
  const services: Service[] = [];
  const crowd = fork(join(import.meta.dirname, "crowd.ts"));
  try {
    const sale = await start("sale", salePort, { RELAYS_URL: `http://127.0.0.1:${relaysPort}` });
    services.push(sale);
    const relays = await start("relays", relaysPort, { SALE_URL: `http://127.0.0.1:${salePort}` });
    services.push(relays);
    return await measureBeside(crowd, sale, relays, watchers, pace);
  } finally {
    keepTo("whole", process.pid);
    if (crowd.connected) crowd.send({ type: "leave" });
    await Promise.all(services.map((service) => service.stop()));
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureBeside(
  crowd: ChildProcess,
  sale: Service,
  relays: Service,
  watchers: number,
  pace: Pace,
): Promise<Watched> {
  const here = [sale.workerdPid, process.pid].map((pid) => keepTo("one", pid));
  const there = [relays.workerdPid, pidOf(crowd)].map((pid) => keepTo("other", pid));
  const isApart = [...here, ...there].every((isKept) => isKept);
  const target = await targetOf(sale);
  await createSku(target, SKU, 1_000_000);
  await createSku(target, "bench-unwatched", 1_000_000);
  const direct = Math.min(watchers, DIRECT_WATCHERS_MAX);
  await gather(crowd, sale, direct);
  await gather(crowd, relays, watchers - direct);
  const changes: Spread[] = [];
  const change = async () => {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return spread(target, crowd);
  };
  while (changes.length < CHANGES) changes.push(await change());
  const loads = { unwatched: reserveOf(target, "bench-unwatched", 201), watched: reserveOf(target, SKU, 201) };
  const before = await change();
  const rounds = await measureAll(loads, pace, sale.workerdPid);
  // Also after the rush all of them have to be there still, and hear.
  const after = await change();
  const rushSeconds = WARM_UP_SECONDS + pace.rounds * pace.seconds;
  const framesPerSecond = (after.frames - before.frames) / watchers / rushSeconds;
  return { lastMs: changes.map(({ lastMs }) => lastMs), framesPerSecond, rounds, isApart };
}

async function gather(crowd: ChildProcess, { url, secret }: Service, count: number): Promise<void> {
  crowd.send({ type: "open", url: `${url.replace(/^http/, "ws")}/v1/skus/${SKU}/live`, count, secret });
  await reportOf(crowd, "open");
  console.error(`${count} sockets are open`);
}

/** Milliseconds from a change to the last watcher, and the frames that all have been sent so far. */
interface Spread {
  lastMs: number;
  frames: number;
}

/** Makes one reserve, and waits until the last of the crowd has seen what it left. */
async function spread({ url, storefront }: Target, crowd: ChildProcess): Promise<Spread> {
  const sentAt = Date.now();
  const answer = await fetch(`${url}/v1/skus/${SKU}/reservations`, {
    method: "POST",
    headers: { authorization: `Bearer ${storefront}`, "content-type": "application/json" },
    body: JSON.stringify({ customer: `watched-${sentAt}`, quantity: 1 }),
  });
  if (answer.status !== 201) throw new Error(`no change to watch: ${answer.status} ${await answer.text()}`);
  const { version } = (await answer.json()) as { version: number };
  const told = reportOf(crowd, "all");
  crowd.send({ type: "await", version });
  const { at, frames } = await told;
  return { lastMs: at - sentAt, frames };
}

function reportOf<Type extends CrowdReport["type"]>(
  crowd: ChildProcess,
  type: Type,
): Promise<Extract<CrowdReport, { type: Type }>> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("the crowd has gone"));
    const onMessage = (report: CrowdReport) => {
      if (report.type !== type) return;
      crowd.off("exit", onExit);
      crowd.off("message", onMessage);
      resolve(report as Extract<CrowdReport, { type: Type }>);
    };
    crowd.on("exit", onExit);
    crowd.on("message", onMessage);
  });
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("the crowd did not start");
  return pid;
}

/** A port that was free a moment ago: each of the two services has to know the other's before it is there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
