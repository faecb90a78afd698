// A process of its own, for the sockets of many watchers: opens them, and says when the last one has seen a version.
import type { CrowdOrder, CrowdReport } from "./watched.ts";

const OPENING_AT_ONCE = 100;
const versionPattern = /"version":(\d+)/;

/** The newest version that each socket has seen. */
const seen: number[] = [];
const sockets: WebSocket[] = [];
let awaited: number | null = null;
let missing = 0;

process.on("message", (order: CrowdOrder) => {
  if (order.type === "open") void open(order.url, order.count);
  if (order.type === "await") awaitVersion(order.version);
  if (order.type === "leave") leave();
});

function tell(report: CrowdReport): void {
  process.send?.(report);
}

async function open(url: string, count: number): Promise<void> {
  const join = async (): Promise<void> => {
    const socket = new WebSocket(url);
    const index = sockets.push(socket) - 1;
    seen[index] = 0;
    socket.addEventListener("message", ({ data }) => receive(index, String(data)));
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`socket ${index} did not open`)));
    });
  };
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await join();
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, worker));
  tell({ type: "open", count });
}

function receive(index: number, frame: string): void {
  const version = Number(versionPattern.exec(frame)?.[1] ?? 0);
  const before = seen[index] ?? 0;
  if (version <= before) return;
  seen[index] = version;
  if (awaited === null || before >= awaited || version < awaited) return;
  missing -= 1;
  if (missing === 0) told();
}

function awaitVersion(version: number): void {
  awaited = version;
  missing = seen.filter((one) => one < version).length;
  if (missing === 0) told();
}

function told(): void {
  awaited = null;
  tell({ type: "all", at: Date.now() });
}

function leave(): void {
  for (const socket of sockets) socket.close();
  process.disconnect();
}
