// A process of its own, for the crowd of an overload: calls over plain sockets, for an HTTP client takes as much of a core as the
// service.
import { connect, type Socket } from "node:net";
import { cpuSeconds } from "./load.ts";

/** What the crowd is told: calls at a fixed rate whatever the answers do, or (null) each after the answer to the one before. */
export interface ArrivalsOrder {
  host: string;
  path: string;
  token: string;
  perSecond: number | null;
  connections: number;
  seconds: number;
  /** How long to wait for answers after the last call. */
  patienceMs: number;
  servicePid: number;
}

/** An answer, with its time since the call was due; status 0: the connection broke. */
export interface Answer {
  status: number;
  retryAfterSeconds: number | null;
  ms: number;
  at: number;
}

export interface ArrivalsReport {
  calls: number;
  answers: Answer[];
  /** When the first call was due. */
  since: number;
  /** CPU that the service took while calls came. */
  cpuSeconds: number;
}

/**
 * Connections, each with one call at a time; calls past that wait here, and their time counts from when they were due. The runtime
 * takes several of its 20,000 files for each.
 */
const CONNECTIONS_MAX = 3_000;
const TICK_MS = 5;
const SETTLE_MS = 1_000;

interface Line {
  socket: Socket;
  dueAt: number;
  received: string;
}

class Arrivals {
  readonly #order: ArrivalsOrder;
  readonly #answers: Answer[] = [];
  readonly #sockets: Socket[] = [];
  readonly #idle: Line[] = [];
  readonly #due: number[] = [];
  #calls = 0;
  #isOver = false;

  constructor(order: ArrivalsOrder) {
    this.#order = order;
  }

  async run(): Promise<ArrivalsReport> {
    const { seconds, patienceMs, perSecond, connections, servicePid } = this.#order;
    // Connections are there before the rush: on the platform they end at its edge and cost the service nothing.
    await this.#open(perSecond === null ? connections : CONNECTIONS_MAX);
    const [startedAt, cpuBefore] = [performance.now(), cpuSeconds(servicePid)];
    if (perSecond === null) for (let count = 0; count < connections; count++) this.#call(startedAt);
    else await this.#arrive(startedAt, perSecond);
    await until(() => performance.now() >= startedAt + seconds * 1000);
    this.#isOver = true;
    const cpu = cpuSeconds(servicePid) - cpuBefore;
    const giveUpAt = performance.now() + patienceMs;
    await until(() => this.#answers.length >= this.#calls || performance.now() >= giveUpAt);
    for (const socket of this.#sockets) socket.destroy();
    const since = performance.timeOrigin + startedAt;
    return { calls: this.#calls, answers: this.#answers, since, cpuSeconds: cpu };
  }

  async #open(count: number): Promise<void> {
    const [name = "", port = ""] = this.#order.host.split(":");
    while (this.#idle.length < count) {
      const line: Line = { socket: connect(Number(port), name), dueAt: 0, received: "" };
      line.socket.setNoDelay(true);
      line.socket.setEncoding("latin1");
      line.socket.on("data", (data: string) => this.#receive(line, data));
      line.socket.on("error", () => this.#answered(line, 0, null));
      await new Promise((resolve) => line.socket.once("connect", resolve));
      this.#idle.push(line);
      this.#sockets.push(line.socket);
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  #arrive(startedAt: number, perSecond: number): Promise<void> {
    const lastMs = this.#order.seconds * 1000;
    let due = 0;
    return until(() => {
      const ms = Math.min(performance.now() - startedAt, lastMs);
      for (; due < (ms * perSecond) / 1000; due++) this.#call(startedAt + (due * 1000) / perSecond);
      return ms >= lastMs;
    });
  }

  #call(dueAt: number): void {
    this.#calls += 1;
    const line = this.#idle.pop();
    if (line === undefined) this.#due.push(dueAt);
    else this.#send(line, dueAt);
  }

  #send(line: Line, dueAt: number): void {
    const { path, host, token } = this.#order;
    const body = `{"customer":"c${process.hrtime.bigint()}","quantity":1}`;
    const head = [
      `POST ${path} HTTP/1.1`,
      `host: ${host}`,
      `authorization: Bearer ${token}`,
      "content-type: application/json",
      `content-length: ${body.length}`,
    ];
    line.dueAt = dueAt;
    line.socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  }

  #receive(line: Line, data: string): void {
    line.received += data;
    const headEnd = line.received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = line.received.slice(0, headEnd);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without a length: ${head}`);
    if (line.received.length < headEnd + "\r\n\r\n".length + Number(length)) return;
    line.received = "";
    const retryAfter = /retry-after: (\d+)/i.exec(head)?.[1];
    const status = Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]);
    this.#answered(line, status, retryAfter === undefined ? null : Number(retryAfter));
  }

  #answered(line: Line, status: number, retryAfterSeconds: number | null): void {
    const now = performance.now();
    this.#answers.push({ status, retryAfterSeconds, ms: now - line.dueAt, at: performance.timeOrigin + now });
    if (status === 0) return;
    this.#idle.push(line);
    if (this.#order.perSecond === null) {
      if (!this.#isOver) this.#call(now);
      return;
    }
    const next = this.#due.shift();
    if (next !== undefined) this.#send(this.#idle.pop() ?? line, next);
  }
}

function until(isOver: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!isOver()) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
}

process.on("message", (order: ArrivalsOrder) => {
  void new Arrivals(order).run().then((report) => process.send?.(report));
});
