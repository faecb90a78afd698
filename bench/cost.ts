// npm run bench -- --cost: what each operation has the platform count, and what a whole drop costs by its price list.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startService } from "../scripts/service.ts";
import type { Charged } from "./counting.ts";
import { cpuSeconds } from "./load.ts";
import { createSku, post, reserveOf, type Target, targetOf, untilRecorded } from "./points.ts";

/** Dollars for one of each, by the price list of Workers Paid beyond what the plan includes (November 2026). */
const PRICES = {
  workerRequests: 0.3e-6,
  workerCpuMs: 0.02e-6,
  objectRequests: 0.15e-6,
  gigabyteSeconds: 12.5e-6,
  rowsWritten: 1e-6,
  rowsRead: 0.001e-6,
  d1RowsWritten: 1e-6,
  d1RowsRead: 0.001e-6,
  // Written, read and deleted.
  messages: 3 * 0.4e-6,
};

/** What the platform counted for one operation, on average. */
export type Usage = Partial<Record<Charged | "workerRequests" | "workerCpuMs", number>>;

/** The drop that is priced: a million attempts for ten thousand units, each of which is sold after a fourth of holds ended unpaid. */
const DROP = { attempts: 1_000_000, units: 10_000, lapsed: 3_300, watchers: 200_000, hours: 1 };
const OBJECT_GIGABYTES = 0.128;
const SOCKETS_PER_RELAY = 5_000;
/** A Relay is told at most every 250 ms, while something changes: ten minutes of the hour. */
const PUSHES_PER_RELAY = 4 * 600;
const CALLS = 400;
const AT_ONCE = 50;

const SKU = "bench-cost";

/** Measures and prints the usage of each operation and the price of the drop; returns both. */
export async function measureCost(): Promise<{ usage: Record<string, Usage>; dropDollars: number }> {
  const stateDir = await mkdtemp(join(tmpdir(), "holdfast-cost-"));
  const vars = { COUNTING: "true" };
  const service = await startService({ port: 0, stateDir, vars, configPath: "bench/wrangler.toml" });
  try {
    const cost = new Cost(await targetOf(service), service.workerdPid);
    const usage = await cost.measure();
    const dropDollars = priceOfDrop(usage);
    report(usage, dropDollars);
    return { usage, dropDollars };
  } finally {
    await service.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

class Cost {
  readonly #target: Target;
  readonly #pid: number;

  constructor(target: Target, pid: number) {
    this.#target = target;
    this.#pid = pid;
  }

  async measure(): Promise<Record<string, Usage>> {
    const stock = 3 * CALLS;
    await createSku(this.#target, SKU, stock, { perCustomerLimit: 1, holdTtlSeconds: 5 });
    await this.#settled();
    const lapsing: string[] = [];
    const lapsed = await this.#count(CALLS, async () => void lapsing.push(await this.#reserve(SKU)), 7_000);
    const held: string[] = [];
    const reserve = { ttlSeconds: 600 };
    const hold = await this.#count(stock, async () => void held.push(await this.#reserve(SKU, reserve)));
    const refusal = await this.#count(CALLS, () => this.#refused(SKU, { "idempotency-key": crypto.randomUUID() }));
    const epoch = await this.#count(CALLS, () => this.#refused(SKU, {}));
    const sale = await this.#count(CALLS, () => this.#act(SKU, held.pop() ?? "", "confirm"));
    const release = await this.#count(CALLS, () => this.#act(SKU, held.pop() ?? "", "release"));
    const read = await this.#count(CALLS, () => this.#read());
    const watcher = await this.#count(CALLS, () => this.#watch());
    return { hold, "hold that lapses": lapsed, sale, release, refusal, "refusal by an epoch": epoch, read, watcher };
  }

  /** What an operation has counted, with what follows from it: the record in D1, the news, the alarms. */
  async #count(calls: number, operate: () => Promise<void>, waitMs = 0): Promise<Usage> {
    const cpu = cpuSeconds(this.#pid);
    for (let made = 0; made < calls; made += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, operate));
    const cpuMs = 1000 * (cpuSeconds(this.#pid) - cpu);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const counted = await this.#settled();
    const usage = Object.entries({ workerRequests: calls, workerCpuMs: cpuMs, ...counted });
    return Object.fromEntries(usage.map(([name, count]) => [name, count / calls]));
  }

  async #settled(): Promise<Record<string, number>> {
    await untilRecorded(this.#target);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return (await fetch(`${this.#target.url}/bench/counts`)).json() as Promise<Record<string, number>>;
  }

  async #reserve(sku: string, more = {}): Promise<string> {
    const { url, body = () => "" } = reserveOf(this.#target, sku, 201);
    const wanted = { ...JSON.parse(body()), ...more };
    const answer = await post(this.#target, url.slice(this.#target.url.length), wanted, this.#target.storefront);
    return ((await answer.json()) as { id: string }).id;
  }

  async #refused(sku: string, headers: Record<string, string>): Promise<void> {
    const { url, body = () => "", token } = reserveOf(this.#target, sku, 409);
    const all = { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers };
    const { status } = await fetch(url, { method: "POST", headers: all, body: body() });
    if (status !== 409) throw new Error(`a refusal came as ${status}`);
  }

  async #act(sku: string, id: string, action: string): Promise<void> {
    await post(this.#target, `/v1/skus/${sku}/reservations/${id}/${action}`, {}, this.#target.storefront);
  }

  async #read(): Promise<void> {
    const { status } = await fetch(`${this.#target.url}/v1/skus/${SKU}`);
    if (status !== 200) throw new Error(`a read came as ${status}`);
  }

  async #watch(): Promise<void> {
    const socket = new WebSocket(`${this.#target.url.replace(/^http/, "ws")}/v1/skus/${SKU}/live`, "holdfast");
    await new Promise((resolve, reject) => {
      socket.addEventListener("message", resolve, { once: true });
      socket.addEventListener("error", reject, { once: true });
    });
    socket.close();
  }
}

function priceOf(usage: Usage): number {
  const priced = Object.entries(usage) as [keyof typeof PRICES, number][];
  return priced.reduce((sum, [name, count]) => sum + count * PRICES[name], 0);
}

/** Every refusal as if its isolate had to ask the SKU, which is the most that it can cost. */
function priceOfDrop(usage: Record<string, Usage>): number {
  const { units, lapsed, attempts, watchers, hours } = DROP;
  const relays = Math.ceil(watchers / SOCKETS_PER_RELAY);
  const times: Record<string, number> = {
    hold: units,
    "hold that lapses": lapsed,
    sale: units,
    refusal: attempts - units - lapsed,
    watcher: watchers,
  };
  const operations = Object.entries(times).reduce((sum, [name, count]) => sum + count * priceOf(usage[name] ?? {}), 0);
  const pushes = relays * PUSHES_PER_RELAY * PRICES.objectRequests;
  const awake = (1 + relays) * hours * 3600 * OBJECT_GIGABYTES * PRICES.gigabyteSeconds;
  return operations + pushes + awake;
}

function report(usage: Record<string, Usage>, dropDollars: number): void {
  const columns = ["objectRequests", "rowsWritten", "rowsRead", "d1RowsWritten", "d1RowsRead", "messages"] as const;
  console.log(`\n${"9 one of each".padEnd(22)}${columns.map((name) => name.padStart(15)).join("")}   $ a million`);
  for (const [name, one] of Object.entries(usage)) {
    const figures = columns.map((column) => (one[column] ?? 0).toFixed(2).padStart(15)).join("");
    console.log(`${name.padEnd(22)}${figures}   ${(1e6 * priceOf(one)).toFixed(2).padStart(11)}`);
  }
  const { attempts, units, watchers } = DROP;
  const [made, sold, seen] = [attempts, units, watchers].map((count) => count.toLocaleString("en-US"));
  console.log(
    `\n${made} attempts for ${sold} units before ${seen} watchers: $${dropDollars.toFixed(2)} by list price,`,
  );
  console.log("every refusal by its SKU, with all CPU of the service counted as the Worker's");
}
