import { setTimeout as rest } from "node:timers/promises";
import type { Stage } from "./browser.ts";

const sizes = [40, 41, 42, 43];
const skuOf = (size: number) => `AURORA-${size}`;

/** People who shop as people do, so that an operator's charts have something to show. */
export class Crowd {
  readonly sku = skuOf(42);
  readonly #stage: Stage;
  #customers = 0;

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  static async gather(stage: Stage): Promise<Crowd> {
    const policy = { holdTtlSeconds: 90, maxHoldSeconds: 300, perCustomerLimit: 2 };
    for (const size of sizes)
      await stage.call("POST", "/v1/skus", { sku: skuOf(size), name: `Aurora Runner, EU ${size}`, stock: 240, policy });
    const skus = sizes.map(skuOf);
    await stage.call("POST", "/v1/drops", { drop: "aurora", name: "Aurora Runner", skus, perCustomerLimit: 2 });
    return new Crowd(stage);
  }

  /** Many come at first, fewer later; most who get a pair pay for it, some after a while, some never. */
  async shop(forMs: number): Promise<void> {
    const start = Date.now();
    const visits: Promise<void>[] = [];
    while (Date.now() - start < forMs) {
      visits.push(this.#visit());
      const seconds = (Date.now() - start) / 1000;
      const perSecond = 0.6 + 4 * Math.exp(-seconds / 180) + Math.abs(Math.sin(seconds / 60));
      await rest(1000 / perSecond);
    }
    await Promise.all(visits);
  }

  async #visit(): Promise<void> {
    const size = sizes[Math.floor(Math.random() ** 0.8 * sizes.length)] ?? 42;
    const path = `/v1/skus/${skuOf(size)}/reservations`;
    const customer = `customer-${Math.floor(Math.random() * (50 + this.#customers++))}`;
    const quantity = Math.random() < 0.1 ? 2 : 1;
    const held = await this.#call<{ id: string }>(path, { quantity, customer });
    if (held === null || Math.random() < 0.15) return;
    await rest(3_000 + 50_000 * Math.random() ** 2);
    await this.#call(`${path}/${held.id}/${Math.random() < 0.85 ? "confirm" : "release"}`, {});
  }

  /** The answer, or null where the service said no, as it often has to. */
  #call<Answer>(path: string, body: unknown): Promise<Answer | null> {
    return this.#stage.call<Answer>("POST", path, body, this.#stage.storefront).catch(() => null);
  }
}
