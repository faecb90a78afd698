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
import { measureAll, type Pace, type Rounds } from "./rounds.ts";

/** What the crowd's process is told, and what it tells. */
export type CrowdOrder =
  | { type: "open"; url: string; count: number }
  | { type: "await"; version: number }
  | { type: "leave" };
export type CrowdReport = { type: "open"; count: number } | { type: "all"; at: number };

/** What it costs that many watch. */
export type Watched = {
  /** From sending a single change until the last watcher saw it. */
  lastMs: number[];
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
  const sale = await start("sale", salePort, { RELAYS_URL: `http://127.0.0.1:${relaysPort}` });
  const relays = await start("relays", relaysPort, { SALE_URL: `http://127.0.0.1:${salePort}` });
  const crowd = fork(join(import.meta.dirname, "crowd.ts"));
  try {
    return await measureBeside(crowd, sale, relays, watchers, pace);
  } finally {
    keepTo("whole", process.pid);
    if (crowd.connected) crowd.send({ type: "leave" });
    await Promise.all([sale.stop(), relays.stop()]);
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
  const isApart = [sale.workerdPid, process.pid].every((pid) => keepTo("one", pid));
  for (const pid of [relays.workerdPid, crowd.pid ?? 0]) keepTo("other", pid);
  const target = await targetOf(sale);
  await createSku(target, SKU, 1_000_000);
  await createSku(target, "bench-unwatched", 1_000_000);
  const direct = Math.min(watchers, DIRECT_WATCHERS_MAX);
  await gather(crowd, sale.url, direct);
  await gather(crowd, relays.url, watchers - direct);
  const lastMs: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    lastMs.push(await spread(target, crowd));
  }
  const loads = { unwatched: reserveOf(target, "bench-unwatched", 201), watched: reserveOf(target, SKU, 201) };
  return { lastMs, rounds: await measureAll(loads, pace, sale.workerdPid), isApart };
}

async function gather(crowd: ChildProcess, url: string, count: number): Promise<void> {
  crowd.send({ type: "open", url: `${url.replace(/^http/, "ws")}/v1/skus/${SKU}/live`, count });
  await reportOf(crowd, "open");
  console.error(`${count} sockets are open`);
}

/** Milliseconds from one reserve until the last of the crowd has seen what it left. */
async function spread({ url, storefront }: Target, crowd: ChildProcess): Promise<number> {
  const sentAt = Date.now();
  const answer = await fetch(`${url}/v1/skus/${SKU}/reservations`, {
    method: "POST",
    headers: { authorization: `Bearer ${storefront}`, "content-type": "application/json" },
    body: JSON.stringify({ customer: `watched-${sentAt}`, quantity: 1 }),
  });
  const { version } = (await answer.json()) as { version: number };
  const all = reportOf(crowd, "all");
  crowd.send({ type: "await", version });
  return (await all).at - sentAt;
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
