import { exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { ServerFrame } from "../../src/contracts/live.ts";
import { tokenFor } from "../client.ts";

type Frame<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

export interface JoinOptions {
  /** A bearer token; none for an anonymous watcher. */
  as?: string;
  headers?: Record<string, string>;
}

/** The answer to an upgrade of the live feed. */
export function upgrade(sku: string, { as, headers }: JoinOptions = {}): Promise<Response> {
  return exports.default.fetch(`https://holdfast.test/v1/skus/${sku}/live`, {
    headers: { Upgrade: "websocket", ...(as === undefined ? {} : { Authorization: `Bearer ${as}` }), ...headers },
  });
}

/** One socket on the live feed, and all that came over it. */
export class Watcher {
  readonly frames: ServerFrame[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.frames.push(JSON.parse(String(data)) as ServerFrame));
    socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
    });
    socket.accept();
  }

  /** A watcher that has its first frame. */
  static async join(sku: string, options: JoinOptions = {}): Promise<Watcher> {
    const response = await upgrade(sku, options);
    if (response.webSocket === null) throw new Error(`no socket: ${response.status} ${await response.text()}`);
    const watcher = new Watcher(response.webSocket);
    await vi.waitFor(() => expect(watcher.frames.length).toBeGreaterThan(0));
    return watcher;
  }

  /** A shopper that has its snapshot. */
  static async shopper(sku: string, customer: string): Promise<Watcher> {
    const watcher = await Watcher.join(sku, { as: await tokenFor("shopper", customer) });
    await vi.waitFor(() => expect(watcher.of("snapshot")).toHaveLength(1));
    return watcher;
  }

  send(message: string | ArrayBuffer): void {
    this.#socket.send(message);
  }

  close(): void {
    this.#socket.close(1000, "done");
  }

  of<Type extends ServerFrame["type"]>(type: Type): Frame<Type>[] {
    return this.frames.filter((frame): frame is Frame<Type> => frame.type === type);
  }

  get versions(): number[] {
    return this.of("stock").map(({ version }) => version);
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

  async happens(...events: string[]): Promise<void> {
    await vi.waitFor(() => expect(this.happened).toEqual(events));
  }

  /** Waits for the close, and returns its code. */
  async closes(): Promise<number> {
    await vi.waitFor(() => expect(this.closed).not.toBeNull());
    return this.closed?.code ?? 0;
  }
}
