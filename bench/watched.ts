import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Service, startService } from "../scripts/service.ts";
import { DIRECT_WATCHERS_MAX, WATCHERS_MAX } from "../src/domain/bounds.ts";
import { keepTo } from "./cores.ts";
import { FAR } from "./far.ts";
import { createSku, reserveOf, type Target, targetOf } from "./points.ts";
import { measureAll, type Pace, type Rounds, WARM_UP_SECONDS } from "./rounds.ts";

/** What the crowd's process is told, and what it tells. */
export type CrowdOrder =
  | { type: "open"; url: string; secret: string; customers: string[] }
  | { type: "await"; version: number }
  | { type: "leave" };
export type CrowdReport = { type: "open" } | { type: "all"; at: number; frames: Frames };

/** Frames that all watchers together were sent so far: of stock, and of what is a customer's own. */
interface Frames {
  stock: number;
  own: number;
}

/** What it costs that many watch. */
export type Watched = {
  /** From sending a single change, after a quiet moment, until the last watcher saw it. */
  lastMs: number[];
  /** How all were fed while the sale was measured: each Relay, each watcher, and customers together of what is their own. */
  rush: { pushesPerSecond: number; stockFramesPerSecond: number; ownFramesPerSecond: number };
  rounds: Rounds<"unwatched" | "watched">;
  /** Whether sale and crowd had a half of the machine each. */
  isApart: boolean;
};

const CHANGES = 9;
const PAUSE_MS = 1_500;
const SKU = "bench-watched";
const UNWATCHED = "bench-unwatched";

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
  // Those who watch are those who buy, also where nobody watches.
  const customers = Array.from({ length: watchers }, (_none, index) => `watcher-${index}`);
  for (const sku of [SKU, UNWATCHED]) await createSku(target, sku, 1_000_000, { perCustomerLimit: null });
  await gather(crowd, sale, customers.slice(0, DIRECT_WATCHERS_MAX));
  await gather(crowd, relays, customers.slice(DIRECT_WATCHERS_MAX));
  const changes: Spread[] = [];
  const change = async () => {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return spread(target, relays, crowd);
  };
  while (changes.length < CHANGES) changes.push(await change());
  let reserves = 0;
  const buyer = () => customers[reserves++ % watchers] ?? "";
  const loads = { unwatched: reserveOf(target, UNWATCHED, 201, buyer), watched: reserveOf(target, SKU, 201, buyer) };
  const before = await change();
  const rounds = await measureAll(loads, pace, sale.workerdPid);
  // Also after the rush all of them have to be there still, and hear.
  const rush = rushBetween(before, await change(), pace, watchers);
  return { lastMs: changes.map(({ lastMs }) => lastMs), rush, rounds, isApart };
}

function rushBetween(before: Spread, after: Spread, pace: Pace, watchers: number): Watched["rush"] {
  const seconds = WARM_UP_SECONDS + pace.rounds * pace.seconds;
  const tiers = Math.max(1, Math.ceil(Math.log2((watchers - DIRECT_WATCHERS_MAX) / WATCHERS_MAX + 1)));
  return {
    stockFramesPerSecond: (after.frames.stock - before.frames.stock) / watchers / seconds,
    pushesPerSecond: (after.pushes - before.pushes) / (2 ** tiers - 1) / seconds,
    ownFramesPerSecond: (after.frames.own - before.frames.own) / seconds,
  };
}

async function gather(crowd: ChildProcess, { url, secret }: Service, customers: string[]): Promise<void> {
  crowd.send({ type: "open", url: `${url.replace(/^http/, "ws")}/v1/skus/${SKU}/live`, customers, secret });
  await reportOf(crowd, "open");
  console.error(`${customers.length} sockets are open`);
}

/** One change, how long it took to the last watcher, and what all had been sent by then. */
interface Spread {
  lastMs: number;
  frames: Frames;
  pushes: number;
}

/** Makes one reserve, and waits until the last of the crowd has seen what it left. */
async function spread({ url, storefront }: Target, relays: Service, crowd: ChildProcess): Promise<Spread> {
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
  const pushes = (await (await fetch(`${relays.url}${FAR}/pushes`)).json()) as number;
  return { lastMs: at - sentAt, frames, pushes };
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
