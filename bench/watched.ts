import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { type Measured, measure } from "./load.ts";
import { createSku, reserveOf, type Target } from "./points.ts";

/** What the crowd's process is told, and what it tells. */
export type CrowdOrder =
  | { type: "open"; url: string; count: number }
  | { type: "await"; version: number }
  | { type: "leave" };
export type CrowdReport = { type: "open"; count: number } | { type: "all"; at: number };

/** What it costs that many watch. */
export type Watched = {
  watchers: number;
  /** From sending a single change until the last watcher saw it. */
  lastMs: number[];
  alone: Measured;
  watched: Measured;
};

const CHANGES = 9;
const PAUSE_MS = 1_000;
const SKU = "bench-watched";

/** Measures one change at a time to all watchers, and reserves with and without them. */
export async function measureWatched(
  target: Target,
  watchers: number,
  load: { connections: number; seconds: number; pid: number },
): Promise<Watched> {
  await createSku(target, SKU, 1_000_000);
  const reserves = reserveOf(target, SKU, 201);
  const throughput = () => measure(reserves, load.connections, load.seconds, load.pid);
  await throughput();
  const alone = await throughput();
  const crowd = fork(join(import.meta.dirname, "crowd.ts"));
  try {
    crowd.send({ type: "open", url: `${target.url.replace(/^http/, "ws")}/v1/skus/${SKU}/live`, count: watchers });
    await reportOf(crowd, "open");
    console.error(`${watchers} sockets are open`);
    const lastMs: number[] = [];
    for (let change = 0; change < CHANGES; change++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      lastMs.push(await spread(target, crowd));
    }
    const watched = await throughput();
    return { watchers, lastMs, alone, watched };
  } finally {
    if (crowd.connected) crowd.send({ type: "leave" });
  }
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
