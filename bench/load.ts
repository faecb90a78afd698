import { readFileSync } from "node:fs";
import autocannon from "autocannon";

/** What to send: the same request again and again, or with a body made anew for each. */
export type Load = {
  url: string;
  method: "GET" | "POST";
  token?: string;
  body?: () => string;
  /** An idempotency key made anew for each. */
  key?: () => string;
  /** The status that every answer must have. */
  expect: number;
};

export type Measured = {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** CPU of the service's process per answer, user and system. */
  cpuMicros: number;
};

/** Drives a load for `seconds` over `connections` keep-alive connections. Throws when an answer is not the expected one. */
export async function measure(load: Load, connections: number, seconds: number, pid: number): Promise<Measured> {
  const cpuBefore = cpuSeconds(pid);
  const result = await autocannon({
    url: load.url,
    connections,
    duration: seconds,
    requests: [
      {
        method: load.method,
        headers: {
          ...(load.token ? { authorization: `Bearer ${load.token}` } : {}),
          ...(load.body ? { "content-type": "application/json" } : {}),
        },
        ...(load.body ? { setupRequest: (request) => withBody(load, request) } : {}),
      },
    ],
  });
  const cpu = cpuSeconds(pid) - cpuBefore;
  const counts = result.statusCodeStats as Record<string, { count?: number }> | undefined;
  const good = counts?.[load.expect]?.count ?? 0;
  const total = Object.values(counts ?? {}).reduce((sum, { count = 0 }) => sum + count, 0);
  if (good === 0 || good !== total || result.errors > 0) {
    throw new Error(`${load.url}: ${JSON.stringify(counts)}, ${result.errors} errors, expected only ${load.expect}`);
  }
  return {
    perSecond: good / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    cpuMicros: (cpu / good) * 1e6,
  };
}

function withBody({ body, key }: Load, request: autocannon.Request): autocannon.Request {
  const headers = { ...request.headers, ...(key ? { "idempotency-key": key() } : {}) };
  return { ...request, headers, body: body?.() ?? "" };
}

/** CPU time of a process so far, in seconds; from /proc, so on Linux only. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const clockTicksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}
