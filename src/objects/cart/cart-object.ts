import { retryable } from "cloudflare:durable-objects";
import {
  ALARM_AHEAD_MS_MIN,
  CALLER_PATIENCE_MS,
  CART_ALARM_MS,
  CART_KEPT_MS,
  CART_RECORD_PACE_MS,
  CARTS_IN_MEMORY_MAX,
  CARTS_PER_ALARM_MAX,
  CARTS_RETIRED_MAX,
  OBJECT_CALL_MS,
  RECORD_GRACE_MS,
  RETENTION_MARGIN_MS,
  RETENTION_ROWS_MAX,
} from "../../domain/bounds.ts";
import type { Cart } from "../../domain/cart.ts";
import type { LoanEnd } from "../../domain/cart-loan.ts";
import type { CartOutcome, CartRequest } from "../../domain/cart-requests.ts";
import { type Actor, refused } from "../../domain/command.ts";
import type { Rescue } from "../../domain/model.ts";
import { isFinal } from "../../domain/refund.ts";
import type { RescueAnswer } from "../../domain/rescue-steps.ts";
import { retentionMs } from "../../domain/retention.ts";
import { type CartBatch, CartStore } from "../../storage/cart-store.ts";
import { readCart } from "../../storage/d1-read.ts";
import { recordCartsInD1 } from "../../storage/d1-record.ts";
import type { OpenCart, Recorded } from "../rpc.ts";
import { AlarmClock } from "../shared/alarm-clock.ts";
import { AlarmObject } from "../shared/alarm-object.ts";
import { type OutboxDrains, outboxOf } from "../shared/outbox-drains.ts";
import { waitFor, withTimeout } from "../shared/timeout.ts";
import { type CartDeps, CartRun } from "./cart-run.ts";
import { LineCalls } from "./line-calls.ts";

/** Many carts, each of which goes on by itself. What one of them waits for delays no other. */
export class CartObject extends AlarmObject {
  // The id of a cart follows from its opening's key, and every ask of a cart that is repeated finds it done.
  static {
    retryable(CartObject.prototype.open);
    retryable(CartObject.prototype.act);
  }

  readonly #store: CartStore;
  readonly #alarm: AlarmClock;
  readonly #drains: OutboxDrains<CartBatch>;
  readonly #deps: CartDeps;
  /** Carts that somebody asks, or that are not at rest. */
  readonly #runs = new Map<string, UsedRun>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new CartStore(ctx.storage.sql);
    this.#alarm = new AlarmClock(ctx, "CART");
    const source = {
      newest: () => this.#store.newest(),
      next: (after: number) => this.#store.next(after),
      recorded: () => this.#store.recorded(),
      // A transaction that the alarm saves while carts go on: what is sent twice changes nothing.
      saveRecorded: (upTo: number) => {
        if (this.#runs.size === 0) this.#store.saveRecorded(upTo);
      },
    };
    const write = (batch: CartBatch) => recordCartsInD1(env.DB, batch);
    this.#drains = outboxOf(env, this.#alarm, ctx.id.name ?? "", source, write, CART_RECORD_PACE_MS);
    this.#deps = {
      env,
      store: this.#store,
      alarm: this.#alarm,
      lines: new LineCalls(env, this.#alarm.timers),
      committed: () => ctx.waitUntil(this.#drains.kick()),
      background: (work) => ctx.waitUntil(work),
    };
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore(this.#store.committedAt()));
  }

  /** Holds all lines of a cart, or as many as there are, and answers when that is decided. The same opening again meets its own cart. */
  open(wanted: OpenCart, waitMs: number, patienceMs = CALLER_PATIENCE_MS): Promise<CartAnswered> {
    return this.#answer(wanted.id, waitMs, (run) => run.open(wanted, patienceMs));
  }

  /** A cart as it stands now, also one that has left; null when there is none, or none that this caller may see. */
  look(id: string, actor: Actor): Promise<Cart | null> {
    return this.#with(id, async (run) => run.look(actor));
  }

  /** Extends, releases or confirms all lines, and answers when that is done; what it could not finish in time goes on. */
  act(id: string, request: CartRequest, waitMs: number, patienceMs = CALLER_PATIENCE_MS): Promise<CartAnswered> {
    return this.#answer(id, waitMs, (run) => run.act(request, patienceMs));
  }

  /** A line's customer gave it back at its SKU, or it has died there. */
  lost(id: string, reservation: string, what: "taken-out" | "lapsed"): Promise<void> {
    return this.#with(id, (run) => run.lost(reservation, what));
  }

  /** Lends all lines of a cart to a late payment of the same customer: it answers for all of them or for none. */
  lend(id: string, to: Rescue): Promise<RescueAnswer> {
    return this.#with(id, (run) => run.lend(to));
  }

  /** The late payment of this name was decided: the lines are again what they were, or have given way. */
  loanEnded(id: string, loanEnd: LoanEnd): Promise<void> {
    return this.#with(id, (run) => run.loanEnded(loanEnd));
  }

  /** What a line that is lent for too long is to do; null: it will be told. */
  fateOfLoan(id: string, rescue: string): Promise<"restore" | "supersede" | null> {
    return this.#with(id, async (run) => run.fateOfLoan(rescue));
  }

  /** What a SKU that has lost sight of a cart is to do with a locked line. */
  fateOf(id: string, reservation: string): Promise<{ fate: "confirm" | "unlock" | "wait"; orderId: string | null }> {
    return this.#with(id, async (run) => run.fateOf(reservation));
  }

  override begin(): void {
    const now = Date.now();
    this.#alarm.checkUp(now, () => this.#nextDeadline(now));
    this.ctx.waitUntil(this.#drains.kick());
  }

  override async alarm(): Promise<void> {
    await this.#alarm.ring(async () => {
      const now = Date.now();
      const going = this.#store.due(now, CARTS_PER_ALARM_MAX).map((id) => this.#goOn(id, now));
      // Whatever takes longer goes on by itself: no cart waits for another one.
      await waitFor(Promise.all([...going, this.#drains.kick()]), CART_ALARM_MS, this.#alarm.timers);
      const { announced } = this.#drains;
      // Before what it says is removed.
      this.#store.saveRecorded(announced);
      const retired = this.#store.retire(now - CART_KEPT_MS, announced);
      const events = this.#store.retireEvents(now - CART_KEPT_MS, announced);
      // Until D1 has removed it, so that its id is never given to another one.
      const departedMs = retentionMs(this.env.RETENTION_DAYS) + RETENTION_MARGIN_MS;
      const forgotten = this.#store.forgetDeparted(now - departedMs);
      const isFull = Math.max(retired, forgotten) >= CARTS_RETIRED_MAX || events >= RETENTION_ROWS_MAX;
      if (isFull) return Date.now() + ALARM_AHEAD_MS_MIN;
      return this.#nextDeadline(Date.now());
    });
  }

  /** A cart's turn has come. Until it says when it is to be looked at next, that is after a moment. */
  async #goOn(id: string, now: number): Promise<void> {
    this.#store.lookAgainAt(id, now + RECORD_GRACE_MS);
    try {
      await this.#with(id, (run) => run.goOn());
    } catch (error) {
      this.#alarm.logger.log("cart_failed", { cart: id, error });
    }
    const nextAt = this.#store.nextAt();
    if (nextAt !== null) this.#alarm.ensure(nextAt, Date.now());
  }

  /** When to look again. */
  #nextDeadline(now: number): number | null {
    const endedAt = this.#store.oldestEndAt();
    const due = [
      this.#store.nextAt(),
      this.#drains.nextAt(this.#store.newest(), now),
      endedAt === null ? null : Math.max(endedAt + CART_KEPT_MS, now + ALARM_AHEAD_MS_MIN),
    ].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Decides something about a cart, and waits until D1 has it. */
  async #answer(id: string, waitMs: number, decide: (run: CartRun) => Promise<CartOutcome>): Promise<CartAnswered> {
    let outcome: CartOutcome;
    try {
      outcome = await this.#with(id, decide);
    } catch (error) {
      if (!(error instanceof CartUnknown)) throw error;
      return { outcome: refused({ code: "unavailable" }), recorded: "object" };
    }
    // A refusal wrote nothing, and has nothing to wait for, but for the one that is final.
    const refusal = "refusal" in outcome ? outcome.refusal : null;
    const isWritten = outcome.ok || (refusal !== null && isFinal(refusal));
    const recorded = await this.#drains.reached(this.#store.positionOf(id), isWritten ? waitMs : 0);
    return { outcome, recorded: recorded ? "d1" : "object" };
  }

  /** Does something with a cart, or with the place where one may be. Rejects when D1 has it and cannot be read. */
  async #with<Result>(id: string, use: (run: CartRun) => Promise<Result>): Promise<Result> {
    const used = this.#runs.get(id) ?? this.#keep(id, await this.#load(id));
    used.users += 1;
    try {
      return await use(used.run);
    } finally {
      used.users -= 1;
      if (used.users === 0 && used.run.isAtRest) this.#runs.delete(id);
    }
  }

  /** The cart as it was last written, or as D1 has it. */
  async #load(id: string): Promise<Cart | null> {
    const cart = this.#store.load(id);
    if (cart !== null || !this.#store.hasLeft(id)) return cart;
    try {
      return await withTimeout(readCart(this.env.DB, id), OBJECT_CALL_MS, "D1");
    } catch (error) {
      throw new CartUnknown(String(error));
    }
  }

  #keep(id: string, cart: Cart | null): UsedRun {
    // Somebody else may have been faster while D1 was read.
    const known = this.#runs.get(id);
    if (known !== undefined) return known;
    if (this.#runs.size >= CARTS_IN_MEMORY_MAX) this.#forgetIdle();
    const used = { run: new CartRun(id, cart, this.#deps), users: 0 };
    this.#runs.set(id, used);
    return used;
  }

  /** What is not written of carts that nobody runs follows from saying it again. */
  #forgetIdle(): void {
    for (const [id, { run, users }] of this.#runs) if (users === 0 && run.isIdle) this.#runs.delete(id);
  }
}

/** A cart that somebody may be using. */
interface UsedRun {
  run: CartRun;
  users: number;
}

type CartAnswered = { outcome: CartOutcome; recorded: Recorded };

/** D1 has the cart, and cannot be read. */
class CartUnknown extends Error {}
