import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import {
  errorFrame,
  LIVE_PROTOCOL,
  pongFrame,
  reservationFrame,
  snapshotFrame,
  stockFrame,
  waitlistFrame,
} from "../../../src/contracts/live.ts";

/** Everything that the live feed may send. */
const serverFrame = z.discriminatedUnion("type", [
  stockFrame,
  snapshotFrame,
  reservationFrame,
  waitlistFrame,
  errorFrame,
  pongFrame,
]);
const openTimeoutMs = 10_000;
const reconnectMs = 300;

/** How a scenario watches. */
export type Feed = {
  path: (skus: readonly string[]) => string;
  /** Whether whoever is cut off comes back; where nobody ever should be, it is a fault. */
  mayBeCutOff: boolean;
};

/** What a watcher has seen. */
export type Seen = Omit<Watcher, "opened" | "close">;

/** Somebody with the page open: keeps what it was shown, and what it should never have been. */
export class Watcher {
  readonly customer: string | null;
  readonly skus: readonly string[];
  readonly faults: string[] = [];
  /** When each SKU was first shown as open for sale, by this machine's clock. */
  readonly openedAt = new Map<string, number>();
  /** Each SKU as it was last shown. */
  readonly stock = new Map<string, { version: number; state: string; available: number }>();
  /** Changes of the customer's own reservations that were announced, as "SKU version". */
  readonly announced = new Set<string>();
  /** The reservation of each offer of the waitlist that was announced. */
  readonly offers = new Map<string, string | null>();
  /** From when until when it was connected, by this machine's clock. */
  readonly connected: { from: number; to: number }[] = [];
  frames = 0;
  readonly #address: string;
  readonly #protocols: string[];
  readonly #mayBeCutOff: boolean;
  #socket: WebSocket;
  #leaving = false;

  /** Opens the live feed of these SKUs, with a customer's own channel when there is a token. */
  constructor(url: string, feed: Feed, skus: readonly string[], own: { customer: string; token: string } | null) {
    this.customer = own?.customer ?? null;
    this.skus = skus;
    this.#address = `${url.replace(/^http/, "ws")}${feed.path(skus)}`;
    this.#protocols = own === null ? [LIVE_PROTOCOL] : [LIVE_PROTOCOL, `bearer.${own.token}`];
    this.#mayBeCutOff = feed.mayBeCutOff;
    this.#socket = this.#connect();
  }

  get name(): string {
    return this.customer ?? "an anonymous watcher";
  }

  get hasLeft(): boolean {
    return this.#leaving;
  }

  /** Resolves once it is connected for the first time. */
  async opened(): Promise<void> {
    for (const deadline = Date.now() + openTimeoutMs; this.connected.length === 0; await setTimeout(10)) {
      if (Date.now() > deadline) throw new Error("the live feed did not open");
    }
  }

  close(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#end();
    this.#socket.close();
  }

  #connect(): WebSocket {
    const socket = new WebSocket(this.#address, this.#protocols);
    // A new socket may meet an object that has just woken: only on one socket do versions never go back.
    const versions = new Map<string, number>();
    socket.addEventListener("open", () => this.connected.push({ from: Date.now(), to: Number.POSITIVE_INFINITY }));
    socket.addEventListener("message", ({ data }) => this.#receive(String(data), versions));
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", async ({ code }) => {
      this.#end();
      if (this.#leaving) return;
      if (!this.#mayBeCutOff) return void this.faults.push(`was cut off with ${code}`);
      await setTimeout(reconnectMs);
      if (!this.#leaving) this.#socket = this.#connect();
    });
    return socket;
  }

  #end(): void {
    const last = this.connected.at(-1);
    if (last !== undefined) last.to = Math.min(last.to, Date.now());
  }

  #receive(text: string, versions: Map<string, number>): void {
    this.frames += 1;
    try {
      this.#see(serverFrame.parse(JSON.parse(text)), versions);
    } catch {
      this.faults.push(`got a frame of no known form: ${text.slice(0, 200)}`);
    }
  }

  #see(frame: z.infer<typeof serverFrame>, versions: Map<string, number>): void {
    switch (frame.type) {
      case "stock": {
        const { sku, version, state, available } = frame;
        if (version < (versions.get(sku) ?? 0)) this.faults.push(`went back from ${versions.get(sku)} to ${version}`);
        versions.set(sku, version);
        this.stock.set(sku, { version, state, available });
        const isOpen = state !== "scheduled" && state !== "paused" && state !== "closed";
        if (isOpen && !this.openedAt.has(sku)) this.openedAt.set(sku, Date.now());
        return;
      }
      case "snapshot":
        for (const { customer } of frame.reservations) this.#mustBeOwn(customer);
        if (frame.waitlist !== null) this.#mustBeOwn(frame.waitlist.customer);
        return;
      case "reservation":
        this.#mustBeOwn(frame.reservation.customer);
        if (frame.event !== "expiring") this.announced.add(`${frame.reservation.sku} ${frame.reservation.version}`);
        return;
      case "waitlist":
        this.#mustBeOwn(frame.entry.customer);
        if (frame.event === "offered") this.offers.set(frame.entry.id, frame.entry.reservation);
        return;
      case "error":
        this.faults.push(`got the error ${frame.code}: ${frame.detail}`);
        return;
      case "pong":
        return;
    }
  }

  #mustBeOwn(customer: string): void {
    if (customer !== this.customer) this.faults.push(`was shown what is ${customer}'s`);
  }
}
