import { exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { ServerFrame } from "../../src/contracts/live.ts";
import { RELAY_INTERVAL_MS } from "../../src/domain/bounds.ts";
import { tokenFor } from "../client.ts";

type Frame<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

export interface JoinOptions {
  /** A bearer token; none for an anonymous watcher. */
  as?: string;
  headers?: Record<string, string>;
}

/** The answer to an upgrade of a SKU's live feed. */
export function upgrade(sku: string, options: JoinOptions = {}): Promise<Response> {
  return upgradeAt(`/v1/skus/${sku}/live`, options);
}

/** The answer to an upgrade over several SKUs. */
export function upgradeOver(skus: readonly string[], options: JoinOptions = {}): Promise<Response> {
  return upgradeAt(`/v1/live?${skus.map((sku) => `sku=${sku}`).join("&")}`, options);
}

function upgradeAt(path: string, { as, headers }: JoinOptions): Promise<Response> {
  return exports.default.fetch(`https://holdfast.test${path}`, {
    headers: { Upgrade: "websocket", ...(as === undefined ? {} : { Authorization: `Bearer ${as}` }), ...headers },
  });
}

/** How long a test waits for what is on its way, a Relay's pace included. */
const PATIENCE_MS = 3000;

/** One socket on the live feed, and all that came over it. */
export class Watcher {
  static readonly #all = new Set<Watcher>();
  readonly frames: ServerFrame[] = [];
  readonly #arrivals = new Map<ServerFrame, number>();
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as ServerFrame;
      this.frames.push(frame);
      this.#arrivals.set(frame, Date.now());
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
    });
    socket.accept();
    Watcher.#all.add(this);
  }

  /** Closes every socket, so that the next test has its Relay to itself. */
  static leaveAll(): void {
    for (const watcher of Watcher.#all) if (watcher.closed === null) watcher.close();
    Watcher.#all.clear();
  }

  /** The watcher of a socket that was just handed out. */
  static async on(response: Response): Promise<Watcher> {
    if (response.webSocket === null) throw new Error(`no socket: ${response.status} ${await response.text()}`);
    return new Watcher(response.webSocket);
  }

  /** A watcher that has its first frame. */
  static async join(sku: string, options: JoinOptions = {}): Promise<Watcher> {
    const watcher = await Watcher.on(await upgrade(sku, options));
    await vi.waitFor(() => expect(watcher.frames.length).toBeGreaterThan(0));
    return watcher;
  }

  /** A shopper that has its snapshot. */
  static async shopper(sku: string, customer: string): Promise<Watcher> {
    const watcher = await Watcher.join(sku, { as: await tokenFor("shopper", customer) });
    await vi.waitFor(() => expect(watcher.of("snapshot")).toHaveLength(1));
    return watcher;
  }

  /** A watcher of several SKUs that has the stock of each. */
  static async over(skus: readonly string[], options: JoinOptions = {}): Promise<Watcher> {
    const watcher = await Watcher.on(await upgradeOver(skus, options));
    const isShown = () => expect(skus.every((sku) => watcher.versionsOf(sku).length > 0)).toBe(true);
    await vi.waitFor(isShown, PATIENCE_MS);
    return watcher;
  }

  /** A shopper over several SKUs that has its snapshot of each. */
  static async shopperOver(skus: readonly string[], customer: string): Promise<Watcher> {
    const watcher = await Watcher.over(skus, { as: await tokenFor("shopper", customer) });
    await vi.waitFor(() => expect(watcher.of("snapshot")).toHaveLength(skus.length), PATIENCE_MS);
    return watcher;
  }

  send(message: string | ArrayBuffer): void {
    this.#socket.send(message);
  }

  close(code?: number): void {
    this.#socket.close(code);
  }

  of<Type extends ServerFrame["type"]>(type: Type): Frame<Type>[] {
    return this.frames.filter((frame): frame is Frame<Type> => frame.type === type);
  }

  get versions(): number[] {
    return this.of("stock").map(({ version }) => version);
  }

  arrivalOf(frame: ServerFrame): number {
    return this.#arrivals.get(frame) ?? 0;
  }

  /** What happened to waitlist entries, in order. */
  get places(): { event: string; position: number | null; at: number }[] {
    return this.of("waitlist").map((frame) => {
      const { event, entry } = frame;
      return { event, position: entry.position, at: this.arrivalOf(frame) };
    });
  }

  /** Stock frames of one SKU. */
  stockOf(sku: string): Frame<"stock">[] {
    return this.of("stock").filter((frame) => frame.sku === sku);
  }

  versionsOf(sku: string): number[] {
    return this.stockOf(sku).map(({ version }) => version);
  }

  /** What happened to reservations, in order. */
  get happened(): string[] {
    return this.of("reservation").map(({ event }) => event);
  }

  /** Waits for the stock of this version. */
  async sees(version: number): Promise<Frame<"stock">> {
    await vi.waitFor(() => expect(this.versions.at(-1)).toBe(version));
    const last = this.of("stock").at(-1);
    if (last === undefined) throw new Error("no stock was seen");
    return last;
  }

  /** Waits for the stock of this version of one SKU. */
  async seesOf(sku: string, version: number): Promise<Frame<"stock">> {
    await vi.waitFor(() => expect(this.versionsOf(sku).at(-1)).toBe(version), PATIENCE_MS);
    const last = this.stockOf(sku).at(-1);
    if (last === undefined) throw new Error("no stock was seen");
    return last;
  }

  async happens(...events: string[]): Promise<void> {
    await vi.waitFor(() => expect(this.happened).toEqual(events));
  }

  /** Waits until exactly this has happened, and for the next push of a Relay, which must not bring more. */
  async hears(...events: string[]): Promise<void> {
    await vi.waitFor(() => expect(this.happened.length).toBeGreaterThanOrEqual(events.length), PATIENCE_MS);
    await new Promise((resolve) => setTimeout(resolve, 2 * RELAY_INTERVAL_MS));
    expect(this.happened).toEqual(events);
  }

  /** Waits for the close, and returns its code. */
  async closes(): Promise<number> {
    await vi.waitFor(() => expect(this.closed).not.toBeNull(), PATIENCE_MS);
    return this.closed?.code ?? 0;
  }
}
