import { WorkerEntrypoint } from "cloudflare:workers";
import type { AlarmObject } from "./alarm-object.ts";

/** Names of the objects' bindings. */
export type ObjectKind = "SKU" | "CART" | "DROP" | "ALLOWANCE" | "RELAY" | "WEBHOOK";

/** The machine's clock and timers as a new request sees them: an object's own may stand still. */
export class WallClock extends WorkerEntrypoint<Env> {
  now(): number {
    return Date.now();
  }

  async pause(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Calls an object that ends itself, a little later, because nobody else might call it. */
  async beginAnew(kind: ObjectKind, id: string, inMs: number): Promise<void> {
    this.ctx.waitUntil(this.#begin(kind, id, inMs));
  }

  async #begin(kind: ObjectKind, id: string, inMs: number): Promise<void> {
    await this.pause(inMs);
    const objects = this.env[kind] as DurableObjectNamespace<AlarmObject>;
    await objects.get(objects.idFromString(id)).begin();
  }
}
