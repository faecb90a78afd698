import type { SocketClass } from "../../src/client/live-socket.ts";
import type { StockFrame } from "../../src/client/wire.ts";

/** A network of sockets that open, speak and break as a test tells them. */
export class FakeSockets {
  readonly made: FakeSocket[] = [];
  /** Whether sockets can be had. */
  isUp = true;
  readonly WebSocket: SocketClass;

  constructor() {
    const network = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        network.made.push(this);
        setTimeout(() => (network.isUp ? this.open() : this.break(1006)), 10);
      }
    } as unknown as SocketClass;
  }

  get last(): FakeSocket {
    const socket = this.made.at(-1);
    if (socket === undefined) throw new Error("no socket was made");
    return socket;
  }
}

class FakeSocket extends EventTarget {
  readonly url: string;
  readonly protocols: string | string[] | undefined;
  readonly sent: string[] = [];
  /** Whether the other end is there, and answers pings. */
  isAlive = true;
  readyState = 0;
  binaryType = "blob";

  constructor(url: string, protocols?: string | string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
  }

  send(text: string): void {
    this.sent.push(text);
    if (this.isAlive) setTimeout(() => this.say({ type: "pong" }), 10);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  say(frame: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  break(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason: "" }));
  }
}

/** Stock of a SKU at a version, which is also how much there is. */
export function stock(version: number, more: Partial<StockFrame> = {}): StockFrame {
  const at = new Date().toISOString();
  return {
    type: "stock",
    sku: "shoe",
    state: "open",
    available: version,
    low: false,
    waiting: 0,
    version,
    at,
    ...more,
  };
}
