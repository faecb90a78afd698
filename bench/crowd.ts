// A process of its own, for the sockets of many watchers: opens them, and says when the last one has seen a version.
import { signToken } from "../scripts/sign-token.ts";
import type { CrowdOrder, CrowdReport } from "./watched.ts";

const OPENING_AT_ONCE = 100;
/** Every so many watchers one is signed in: it is told of its own holds as well. */
const SIGNED_IN_EVERY = 10;
const RESERVATION = '{"type":"reservation"';
const versionPattern = /"version":(\d+)/;

/** The newest version that each socket has seen. */
const seen: number[] = [];
const sockets: WebSocket[] = [];
let awaited: number | null = null;
let missing = 0;
const frames = { stock: 0, own: 0 };
let isLeaving = false;

process.on("message", (order: CrowdOrder) => {
  if (order.type === "open") void open(order);
  if (order.type === "await") awaitVersion(order.version);
  if (order.type === "leave") leave();
});

function tell(report: CrowdReport): void {
  process.send?.(report);
}

async function open({ url, secret, customers }: Extract<CrowdOrder, { type: "open" }>): Promise<void> {
  const join = async (customer: string): Promise<void> => {
    const index = seen.push(0) - 1;
    const protocols = ["holdfast"];
    if (index % SIGNED_IN_EVERY === 0) {
      protocols.push(`bearer.${await signToken(secret, { role: "shopper", sub: customer })}`);
    }
    const socket = new WebSocket(url, protocols);
    sockets.push(socket);
    socket.addEventListener("message", ({ data }) => receive(index, String(data)));
    socket.addEventListener("close", ({ code }) => {
      if (!isLeaving) throw new Error(`a watcher lost its socket: ${code}`);
    });
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`socket ${index} did not open`)));
    });
  };
  const left = [...customers];
  const worker = async () => {
    for (let customer = left.pop(); customer !== undefined; customer = left.pop()) await join(customer);
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, worker));
  tell({ type: "open" });
}

function receive(index: number, frame: string): void {
  if (frame.startsWith(RESERVATION)) {
    frames.own += 1;
    return;
  }
  frames.stock += 1;
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
  tell({ type: "all", at: Date.now(), frames: { ...frames } });
}

function leave(): void {
  isLeaving = true;
  for (const socket of sockets) socket.close();
  process.disconnect();
}
