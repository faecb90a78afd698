import { WorkerEntrypoint } from "cloudflare:workers";
import type { AlarmObject } from "./alarm-object.ts";

/** The names of the objects' bindings. */
export type ObjectKind = "SKU" | "CART" | "DROP" | "ALLOWANCE" | "RELAY" | "WEBHOOK";

/** The machine's clock and timers as a request sees them that has just begun: an object's own may stand still. */
export class WallClock extends WorkerEntrypoint<Env> {
  now(): number {
    return Date.now();
  }

  async pause(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Begins an object that ends itself, a little later: nobody else might call it. */
  async beginAnew(kind: ObjectKind, id: string, inMs: number): Promise<void> {
    this.ctx.waitUntil(this.#begin(kind, id, inMs));
  }

  async #begin(kind: ObjectKind, id: string, inMs: number): Promise<void> {
    await this.pause(inMs);
    const objects = this.env[kind] as DurableObjectNamespace<AlarmObject>;
    await objects.get(objects.idFromString(id)).begin();
  }
}
