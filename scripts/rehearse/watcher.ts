import { z } from "zod";
import {
  errorFrame,
  LIVE_PROTOCOL,
  pongFrame,
  reservationFrame,
  snapshotFrame,
  stockFrame,
  waitlistFrame,
} from "../../src/contracts/live.ts";

/** Everything that the live feed may send. */
export const serverFrame = z.discriminatedUnion("type", [
  stockFrame,
  snapshotFrame,
  reservationFrame,
  waitlistFrame,
  errorFrame,
  pongFrame,
]);
const openTimeoutMs = 10_000;

/** Somebody with the product page open: keeps what it was shown, and what it should never have been. */
export class Watcher {
  readonly customer: string | null;
  readonly faults: string[] = [];
  /** Versions of the customer's own reservations that were announced. */
  readonly announced = new Set<number>();
  stock: z.infer<typeof stockFrame> | null = null;
  frames = 0;
  readonly #socket: WebSocket;
  #leaving = false;

  private constructor(socket: WebSocket, customer: string | null) {
    this.#socket = socket;
    this.customer = customer;
    socket.addEventListener("message", ({ data }) => this.#receive(String(data)));
    socket.addEventListener("close", ({ code }) => {
      if (!this.#leaving) this.faults.push(`was cut off with ${code}`);
    });
  }

  /** Opens the live feed of a SKU, with a customer's own channel when there is a token; resolves once it is open. */
  static open(url: string, sku: string, own: { customer: string; token: string } | null): Promise<Watcher> {
    const protocols = own === null ? [LIVE_PROTOCOL] : [LIVE_PROTOCOL, `bearer.${own.token}`];
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/skus/${sku}/live`, protocols);
    const watcher = new Watcher(socket, own?.customer ?? null);
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error("the live feed did not open"));
      const timer = setTimeout(fail, openTimeoutMs);
      socket.addEventListener("error", fail);
      socket.addEventListener("open", () => {
        clearTimeout(timer);
        resolve(watcher);
      });
    });
  }

  get name(): string {
    return this.customer ?? "an anonymous watcher";
  }

  close(): void {
    this.#leaving = true;
    this.#socket.close();
  }

  #receive(text: string): void {
    this.frames += 1;
    try {
      this.#see(serverFrame.parse(JSON.parse(text)));
    } catch {
      this.faults.push(`got a frame of no known form: ${text.slice(0, 200)}`);
    }
  }

  #see(frame: z.infer<typeof serverFrame>): void {
    switch (frame.type) {
      case "stock":
        if (this.stock !== null && frame.version < this.stock.version) {
          this.faults.push(`went back from version ${this.stock.version} to ${frame.version}`);
        }
        this.stock = frame;
        break;
      case "snapshot":
        for (const { customer, id } of frame.reservations) this.#mustBeOwn(customer, id);
        break;
      case "reservation":
        this.#mustBeOwn(frame.reservation.customer, frame.reservation.id);
        if (frame.event !== "expiring") this.announced.add(frame.reservation.version);
        break;
      case "error":
        this.faults.push(`got the error ${frame.code}: ${frame.detail}`);
    }
  }

  #mustBeOwn(customer: string, id: string): void {
    if (customer !== this.customer) this.faults.push(`was shown ${id} of ${customer}`);
  }
}
