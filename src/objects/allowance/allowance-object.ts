import { retryable } from "cloudflare:durable-objects";
import {
  type Claim,
  type CountedClaim,
  claimAll,
  type Grant,
  isRefused,
  knownOf,
  reportAll,
  unitsLeft,
} from "../../domain/allowance.ts";
import {
  ALARM_AHEAD_MS_MIN,
  COUNT_CALL_MS,
  COUNT_PAUSE_MS,
  KEY_KEPT_MS,
  RETENTION_ROWS_MAX,
} from "../../domain/bounds.ts";
import { AllowanceStore } from "../../storage/allowance-store.ts";
import { AlarmClock } from "../shared/alarm-clock.ts";
import { AlarmObject } from "../shared/alarm-object.ts";
import { withTimeout } from "../shared/timeout.ts";

/** A question to the SKUs about one customer: in progress or done, and then whether all of them answered. */
interface Asking {
  begunAt: number;
  answered: Promise<boolean>;
}

/** One of the objects that count customers' units over all SKUs of a drop, to enforce the drop's limit. */
export class AllowanceObject extends AlarmObject {
  // Claims and reports are idempotent by reservation and version.
  static {
    retryable(AllowanceObject.prototype.claim);
    retryable(AllowanceObject.prototype.report);
  }

  readonly #store = new AllowanceStore(this.ctx.storage.sql);
  readonly #alarm = new AlarmClock(this.ctx, "ALLOWANCE");
  /** Customers about whom SKUs were asked recently, earliest first. */
  readonly #asked = new Map<string, Asking>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore());
  }

  /**
   * Whether tries get their units of the limit, one answer each. Before a refusal it asks the SKUs about all counted claims,
   * because reports of their end may still be on their way. Null: the SKUs could not be asked, so the answer is unknown.
   */
  async claim(claims: Claim[]): Promise<(Grant | null)[]> {
    const grants: (Grant | null)[] = this.#decide(claims);
    const refused = claims.flatMap((wanted, index) => (isRefused(grants[index] as Grant) ? [{ wanted, index }] : []));
    if (refused.length === 0) return grants;
    const unknown = await this.#catchUp(new Set(refused.map(({ wanted }) => wanted.customer)));
    const again = this.#decide(refused.map(({ wanted }) => wanted));
    for (const [place, { wanted, index }] of refused.entries()) {
      const grant = again[place] as Grant;
      grants[index] = isRefused(grant) && unknown.has(wanted.customer) ? null : grant;
    }
    return grants;
  }

  /** Units that a customer may still take, up to `units`. Like a refusal, a smaller number is given only after the SKUs were asked. */
  async left(customer: string, limit: number, units: number): Promise<number> {
    const left = this.#left(customer, limit, units);
    if (left === units) return units;
    const unknown = await this.#catchUp(new Set([customer]));
    if (unknown.size > 0) throw new Error("a SKU did not answer about its claims");
    return this.#left(customer, limit, units);
  }

  /** Applies reports about reservations; reports older than the known state change nothing. */
  async report(news: CountedClaim[]): Promise<void> {
    this.#transaction(() => {
      const ids = news.map(({ id }) => id);
      const records = reportAll(this.#store.known([], ids), news);
      const now = Date.now();
      this.#store.save(records, now);
      if (records.some(({ units }) => units === 0)) this.#alarm.ensure(now + KEY_KEPT_MS, now);
    });
  }

  override async alarm(): Promise<void> {
    await this.#alarm.ring(async () => {
      const now = Date.now();
      this.#store.retire(now - KEY_KEPT_MS, RETENTION_ROWS_MAX);
      if (this.#store.isEmpty) {
        await this.ctx.storage.deleteAll();
        this.#store.forget();
        return null;
      }
      const oldest = this.#store.oldestEndAt();
      return oldest === null ? null : Math.max(oldest + KEY_KEPT_MS + 1, now + ALARM_AHEAD_MS_MIN);
    });
  }

  #transaction<Result>(write: () => Result): Result {
    return this.#alarm.transaction(write, () => this.#store.forget());
  }

  #decide(claims: readonly Claim[]): Grant[] {
    return this.#transaction(() => {
      const customers = [...new Set(claims.map(({ customer }) => customer))];
      const ids = claims.map(({ id }) => id);
      const { grants, records } = claimAll(this.#store.known(customers, ids), claims);
      this.#store.save(records, Date.now());
      return grants;
    });
  }

  #left(customer: string, limit: number, units: number): number {
    return unitsLeft(knownOf(this.#store.known([customer], []), customer), limit, units);
  }

  /**
   * Asks the SKUs about all counted claims of these customers, for each customer at most once in COUNT_PAUSE_MS; returns the
   * customers about whom some SKU did not answer.
   */
  async #catchUp(customers: ReadonlySet<string>): Promise<Set<string>> {
    const now = Date.now();
    for (const [customer, { begunAt }] of this.#asked) {
      if (begunAt <= now && now < begunAt + COUNT_PAUSE_MS) break;
      this.#asked.delete(customer);
    }
    const due = [...customers].filter((customer) => !this.#asked.has(customer));
    if (due.length > 0) this.#ask(due, now);
    const unknown = new Set<string>();
    for (const customer of customers) {
      if ((await this.#asked.get(customer)?.answered) === false) unknown.add(customer);
    }
    return unknown;
  }

  /** One call to each SKU for all of these customers. */
  #ask(customers: readonly string[], now: number): void {
    const calls = new Map(customers.map((customer): [string, Promise<boolean>[]] => [customer, []]));
    const rows = [...this.#store.known(customers, []).values()].flatMap((one) => [...one.values()]);
    for (const [sku, ofSku] of Map.groupBy(rows, ({ sku }) => sku)) {
      const call = this.#askSku(sku, ofSku);
      for (const customer of new Set(ofSku.map((row) => row.customer))) calls.get(customer)?.push(call);
    }
    for (const [customer, concerned] of calls) {
      const answered = Promise.all(concerned).then((all) => all.every(Boolean));
      this.#asked.set(customer, { begunAt: now, answered });
      // Customers without an answer are asked about again by the next claim.
      void answered.then((isKnown) => {
        if (!isKnown) this.#asked.delete(customer);
      });
    }
  }

  async #askSku(sku: string, rows: readonly CountedClaim[]): Promise<boolean> {
    try {
      const counting = this.env.SKU.getByName(sku).count(rows.map(({ id }) => id));
      const counts = await withTimeout(counting, COUNT_CALL_MS, "a SKU");
      const customers = new Map(rows.map(({ id, customer }) => [id, customer]));
      await this.report(counts.map((one) => ({ ...one, customer: customers.get(one.id) ?? "" })));
      return true;
    } catch (error) {
      this.#alarm.logger.log("sku_count_failed", { sku, error });
      return false;
    }
  }
}
