import { LIVE_PROTOCOL } from "../../../src/contracts/live.ts";
import { serverFrame } from "../watcher.ts";

const reconnectMs = 300;

/** Somebody with the page of the whole drop open: one socket over all of its SKUs, which comes back when it is cut. */
export class WholeWatcher {
  readonly customer: string | null;
  readonly faults: string[] = [];
  /** When each SKU was first shown as open, by this machine's clock. */
  readonly openedAt = new Map<string, number>();
  /** The newest version and state of each SKU that it was shown. */
  readonly stock = new Map<string, { version: number; state: string }>();
  /** Offers of the waitlist that it was told of. */
  readonly offers = new Set<string>();
  frames = 0;
  readonly #address: string;
  readonly #protocols: string[];
  #socket: WebSocket;
  #leaving = false;

  constructor(url: string, skus: readonly string[], own: { customer: string; token: string } | null) {
    this.customer = own?.customer ?? null;
    this.#address = `${url.replace(/^http/, "ws")}/v1/live?${skus.map((sku) => `sku=${sku}`).join("&")}`;
    this.#protocols = own === null ? [LIVE_PROTOCOL] : [LIVE_PROTOCOL, `bearer.${own.token}`];
    this.#socket = this.#connect();
  }

  get name(): string {
    return this.customer ?? "an anonymous watcher";
  }

  close(): void {
    this.#leaving = true;
    this.#socket.close();
  }

  #connect(): WebSocket {
    const socket = new WebSocket(this.#address, this.#protocols);
    // A new socket may meet an object that has just woken: only on one socket do versions never go back.
    const versions = new Map<string, number>();
    socket.addEventListener("message", ({ data }) => this.#receive(String(data), versions));
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", () => {
      if (this.#leaving) return;
      setTimeout(() => {
        if (!this.#leaving) this.#socket = this.#connect();
      }, reconnectMs);
    });
    return socket;
  }

  #receive(text: string, versions: Map<string, number>): void {
    this.frames += 1;
    const parsed = serverFrame.safeParse(JSON.parse(text));
    if (!parsed.success) {
      this.faults.push(`got a frame of no known form: ${text.slice(0, 200)}`);
      return;
    }
    const frame = parsed.data;
    if (frame.type === "stock") {
      const { sku, version, state } = frame;
      if (version < (versions.get(sku) ?? 0)) this.faults.push(`went back from ${versions.get(sku)} to ${version}`);
      versions.set(sku, version);
      this.stock.set(sku, { version, state });
      if (state !== "scheduled" && !this.openedAt.has(sku)) this.openedAt.set(sku, Date.now());
    } else if (frame.type === "reservation") this.#mustBeOwn(frame.reservation.customer);
    else if (frame.type === "waitlist") {
      this.#mustBeOwn(frame.entry.customer);
      if (frame.event === "offered") this.offers.add(frame.entry.id);
    } else if (frame.type === "error") this.faults.push(`got the error ${frame.code}: ${frame.detail}`);
  }

  #mustBeOwn(customer: string): void {
    if (customer !== this.customer) this.faults.push(`was shown what is ${customer}'s`);
  }
}
