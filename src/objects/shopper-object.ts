import { retryable } from "cloudflare:durable-objects";
import { DurableObject } from "cloudflare:workers";
import { type Claim, type Counted, claim, type Grant, report, unitsLeft } from "../domain/allowance.ts";
import { KEY_KEPT_MS } from "../domain/bounds.ts";
import { AllowanceStore } from "../storage/allowance-store.ts";

/** One customer in one drop: counts units over all SKUs of the drop, so that a limit across them can be kept. */
export class ShopperObject extends DurableObject<Env> {
  // Claims and reports are idempotent by reservation and version.
  static {
    retryable(ShopperObject.prototype.claim);
    retryable(ShopperObject.prototype.report);
  }

  readonly #store = new AllowanceStore(this.ctx.storage.sql);

  /**
   * Whether a try gets its units of the limit. Before it says no it asks the SKUs what became of all that it counts: news of
   * an end may still be on their way.
   */
  async claim(wanted: Claim): Promise<Grant> {
    const grant = this.#decide(wanted);
    if (grant.granted || grant.refusal === null) return grant;
    await this.report(await this.#ask(wanted.id));
    return this.#decide(wanted);
  }

  /** How many of `units` the customer may still take. Like a no, fewer than all is said only after the SKUs were asked. */
  async left(limit: number, units: number): Promise<number> {
    const left = unitsLeft(this.#store.all(), limit, units);
    if (left === units) return units;
    await this.report(await this.#ask(null));
    return unitsLeft(this.#store.all(), limit, units);
  }

  /** Takes in what became of reservations; news that are older than what is known change nothing. */
  async report(news: readonly Counted[]): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      const counted = this.#store.all();
      for (const one of news) {
        const record = report(counted, one);
        if (record === null) continue;
        counted.set(record.id, record);
        this.#save(record);
      }
    });
  }

  #decide(wanted: Claim): Grant {
    return this.ctx.storage.transactionSync(() => {
      const { grant, record } = claim(this.#store.all(), wanted);
      if (record !== null) this.#save(record);
      return grant;
    });
  }

  async #ask(asking: string | null): Promise<Counted[]> {
    const counting = [...this.#store.all().values()].filter(({ id, units }) => units > 0 && id !== asking);
    const bySku = Map.groupBy(counting, ({ sku }) => sku);
    const answers = await Promise.all(
      Array.from(bySku, ([sku, counted]) => this.env.SKU.getByName(sku).count(counted.map(({ id }) => id))),
    );
    return answers.flat();
  }

  #save(record: Counted): void {
    const now = Date.now();
    this.#store.save(record, now, now - KEY_KEPT_MS);
  }
}
