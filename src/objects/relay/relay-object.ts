import type { Attendance, RelayPush } from "../../contracts/live.ts";
import { RELAY_CHECK_MS } from "../../domain/bounds.ts";
import { RelayFeed, type RelaySnapshot } from "../../live/relay-feed.ts";
import { answerClose, receiveFrame } from "../../live/upgrade.ts";
import { AlarmClock } from "../shared/alarm-clock.ts";
import { AlarmObject } from "../shared/alarm-object.ts";

/**
 * Live sockets over several SKUs: each SKU feeds it once per change, and it sends to all watchers. A Durable Object, because
 * its sockets can hibernate.
 */
export class RelayObject extends AlarmObject {
  readonly #feed: RelayFeed;
  readonly #alarm: AlarmClock;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#alarm = new AlarmClock(ctx, "RELAY");
    this.#feed = new RelayFeed(ctx, this.#alarm.timers);
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore());
  }

  /** Upgrades to the live feed. Only the Worker calls this, with a verified watcher and parsed SKUs. */
  override async fetch(request: Request): Promise<Response> {
    const response = await this.#feed.join(request, (sku, customer) => this.#sceneOf(sku, customer));
    const now = Date.now();
    const next = this.#nextDeadline(now);
    if (next !== null) this.#alarm.ensure(next, now);
    return response;
  }

  /** Takes a push of a SKU, and returns who watches that SKU here. */
  async push(pushed: RelayPush): Promise<Attendance> {
    return this.#feed.deliver(pushed);
  }

  /** Asks every watched SKU for its state, so that watchers reach the newest version even if a push was lost. */
  override async alarm(): Promise<void> {
    await this.#alarm.ring(async () => {
      this.#feed.closeExpired(Date.now());
      await Promise.all(this.#feed.skus.map((sku) => this.#check(sku)));
      return this.#nextDeadline(Date.now());
    });
  }

  async #check(sku: string): Promise<void> {
    try {
      const scene = await this.#sceneOf(sku, null);
      if (scene !== null) this.#feed.deliver(scene.push);
    } catch (error) {
      this.#alarm.logger.log("relay_check_failed", { sku, error });
    }
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    receiveFrame(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
  }

  /** When to look after the sockets next; null if there are none. */
  #nextDeadline(now: number): number | null {
    if (this.#feed.skus.length === 0) return null;
    const tokenExpiresAt = this.#feed.closeExpired(now);
    return Math.min(now + RELAY_CHECK_MS, tokenExpiresAt ?? Number.POSITIVE_INFINITY);
  }

  #sceneOf(sku: string, customer: string | null): Promise<RelaySnapshot | null> {
    return this.env.SKU.getByName(sku).watch(this.ctx.id.name ?? "", customer);
  }
}
