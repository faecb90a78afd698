import { retryable } from "cloudflare:durable-objects";
import { CALLER_PATIENCE_MS, CART_DECISION_MS, RECORD_GRACE_MS } from "../../domain/bounds.ts";
import { type Cart, fateOf, type Line, lapse, openCart, takeOut, tick } from "../../domain/cart.ts";
import { nextLookAt } from "../../domain/cart-deadline.ts";
import { cartEvents } from "../../domain/cart-events.ts";
import { fateOfLoan, type LoanEnd } from "../../domain/cart-loan.ts";
import type { CartAnswer, CartMessage } from "../../domain/cart-messages.ts";
import { tellingsOf, untoldRefunds } from "../../domain/cart-refund.ts";
import {
  answerAtRest,
  askOf,
  type CartOutcome,
  type CartRequest,
  isKnown,
  isOwn,
  notOpened,
  outcomeOf,
} from "../../domain/cart-requests.ts";
import { messagesOf, receive } from "../../domain/cart-steps.ts";
import { type Actor, refused } from "../../domain/command.ts";
import type { Rescue } from "../../domain/model.ts";
import { isFinal } from "../../domain/refund.ts";
import type { RescueAnswer } from "../../domain/rescue-steps.ts";
import { type DocumentBatch, DocumentStore } from "../../storage/document-store.ts";
import type { OpenCart, Recorded } from "../rpc.ts";
import { AlarmClock } from "../shared/alarm-clock.ts";
import { AlarmObject } from "../shared/alarm-object.ts";
import { Deadline } from "../shared/deadline.ts";
import { documentOutbox, type OutboxDrains } from "../shared/outbox-drains.ts";
import { ProtocolRunner } from "../shared/protocol-runner.ts";
import { CartLoans } from "./cart-loans.ts";
import { callLine, pauseMsOf } from "./cart-rpc.ts";

/** The key of a cart's opening: callers' keys begin with a bracket. */
const OPENING = "open";

/**
 * One cart: the coordinator of its lines. It stores what it is about to do before it sends anything, and its alarm resumes from
 * there. All decisions are made by the pure protocol in `domain/cart-steps.ts`.
 */
export class CartObject extends AlarmObject {
  // The id of a cart follows from its opening's key, and a repeated request finds its result.
  static {
    retryable(CartObject.prototype.open);
    retryable(CartObject.prototype.act);
  }

  readonly #store: DocumentStore<Cart, CartOutcome>;
  readonly #alarm: AlarmClock;
  readonly #outbox: OutboxDrains<DocumentBatch>;
  readonly #runner: ProtocolRunner<CartMessage, CartAnswer>;
  readonly #loans: CartLoans;
  /** Tells lines about refused orders. No caller waits for it: the decision is made. */
  readonly #tellings: ProtocolRunner<CartMessage, CartAnswer>;
  /** The cart in memory. Only decisions are written; the rest is recovered by repeating messages. */
  #current: Cart | null | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new DocumentStore(ctx.storage.sql);
    this.#alarm = new AlarmClock(ctx, "CART");
    this.#outbox = documentOutbox(env, "cart", ctx.id.name ?? "", this.#store, this.#alarm);
    const { logger } = this.#alarm;
    const protocol = {
      say: async (message: CartMessage): Promise<CartAnswer> =>
        this.#cart === null ? { kind: "lost" } : callLine(env, this.#cart, message, logger),
      take: (answers: readonly { message: CartMessage; answer: CartAnswer }[]) => this.#take(answers),
    };
    this.#runner = new ProtocolRunner<CartMessage, CartAnswer>(
      {
        ...protocol,
        messages: () => {
          const cart = this.#tick();
          return cart === null ? [] : messagesOf(cart);
        },
        pauseMs: (vainRounds) => pauseMsOf(this.#cart, vainRounds),
      },
      this.#alarm.timers,
    );
    this.#tellings = new ProtocolRunner<CartMessage, CartAnswer>(
      {
        ...protocol,
        messages: () => (this.#cart === null ? [] : tellingsOf(this.#cart)),
      },
      this.#alarm.timers,
    );
    const access = {
      tick: () => this.#tick(),
      save: (cart: Cart) => this.#save(cart),
      run: (patienceMs: number) => this.#runner.run(patienceMs),
    };
    this.#loans = new CartLoans(env, access, logger);
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore(this.#cart?.updatedAt));
  }

  /** Holds all lines, or in best-effort mode as many as possible, and answers when that is decided. A repeated opening finds its own cart. */
  async open(
    wanted: OpenCart,
    waitMs: number,
    patienceMs = CALLER_PATIENCE_MS,
  ): Promise<{ outcome: CartOutcome; recorded: Recorded }> {
    const deadline = new Deadline(Math.min(patienceMs, CALLER_PATIENCE_MS));
    const again = this.#store.again(OPENING, wanted.content);
    if (again !== null) return this.#answer(again, waitMs);
    for (;;) {
      // A failed attempt has to give its units back before the next one begins.
      await this.#runner.run(deadline.leftMs);
      this.#removeFailed();
      if (this.#cart === null) break;
      const outcome = this.#opened();
      if (outcome.ok) return this.#answer({ ...outcome, replayed: true }, waitMs);
      if (deadline.isOver) return this.#answer(outcome, waitMs);
    }
    if (deadline.isOver) return this.#answer(refused({ code: "overloaded" }), 0);
    const { lines, content, ...cart } = wanted;
    this.#begin(openCart(cart, lines, Date.now()), content);
    await this.#runner.run(deadline.leftMs);
    return this.#answer(this.#opened(), waitMs);
  }

  /** The current cart; null if there is none that this caller may see. */
  async look(actor: Actor): Promise<Cart | null> {
    const cart = this.#tick();
    return cart !== null && isKnown(cart) && isOwn(actor, cart) ? cart : null;
  }

  /** Extends, releases or confirms all lines and answers when that is done; what does not finish in time continues. */
  async act(
    request: CartRequest,
    waitMs: number,
    patienceMs = CALLER_PATIENCE_MS,
  ): Promise<{ outcome: CartOutcome; recorded: Recorded }> {
    const deadline = new Deadline(Math.min(patienceMs, CALLER_PATIENCE_MS));
    await this.#runner.run(deadline.leftMs);
    const { actor, key, content } = request;
    const cart = this.#tick();
    if (cart === null || !isKnown(cart) || !isOwn(actor, cart)) return this.#answer(refused({ code: "not-found" }), 0);
    const again = key === null ? null : this.#store.again(key, content);
    if (again !== null) return this.#answer(again, waitMs);
    if (deadline.isOver) return this.#answer(refused({ code: "overloaded" }), 0);
    const asked = askOf(cart, request, Date.now());
    if (asked.kind === "refused") {
      if (asked.cart !== undefined) this.#save(asked.cart);
      return this.#answer(refused(asked.refusal), waitMs);
    }
    if (asked.kind === "begun") {
      this.#save({ ...asked.cart, asked: request.ask.type }, request);
      await this.#runner.run(deadline.leftMs);
    }
    return this.#answer(outcomeOf(this.#cart ?? cart, request), waitMs);
  }

  /** A line's SKU reports that its customer gave the line back, or that it expired there. */
  async lost(reservation: string, what: "taken-out" | "lapsed"): Promise<void> {
    if (what === "taken-out") await this.#runner.run(CALLER_PATIENCE_MS);
    const cart = this.#tick();
    if (cart === null) return;
    const left = (what === "lapsed" ? lapse : takeOut)(cart, reservation, Date.now());
    if (left !== cart) this.#save(left);
  }

  /** Lends all lines to a late payment of the same customer: all of them or none. */
  lend(to: Rescue): Promise<RescueAnswer> {
    return this.#loans.lend(to);
  }

  /** The late payment of this name was decided: the lines become what they were, or give way. */
  loanEnded(loanEnd: LoanEnd): Promise<void> {
    return this.#loans.end(loanEnd);
  }

  /** What a line that has been lent for too long has to do; null: the cart will tell it. */
  async fateOfLoan(rescue: string): Promise<"restore" | "supersede" | null> {
    return fateOfLoan(this.#cart, rescue);
  }

  /** What a SKU that lost contact with this cart has to do with a locked line. */
  async fateOf(reservation: string): Promise<{ fate: "confirm" | "unlock" | "wait"; orderId: string | null }> {
    const cart = this.#cart;
    return { fate: cart === null ? "unlock" : fateOf(cart, reservation), orderId: cart?.orderId ?? null };
  }

  override async alarm(): Promise<void> {
    await this.#alarm.ring(async () => {
      this.#tick();
      await this.#loans.ask();
      await this.#runner.run(CALLER_PATIENCE_MS);
      await Promise.all([this.#tellings.run(CALLER_PATIENCE_MS), this.#outbox.kick()]);
      this.#removeFailed();
      return this.#nextDeadline(this.#cart, Date.now());
    });
  }

  get #cart(): Cart | null {
    if (this.#current === undefined) this.#current = this.#store.load();
    return this.#current;
  }

  #begin(cart: Cart, content: string): void {
    this.#current = this.#transaction(() => {
      this.#store.keepAnswer(OPENING, content, null, cart.createdAt);
      this.#alarm.ensure(cart.createdAt + CART_DECISION_MS, cart.createdAt);
      return this.#store.save(cart, []);
    });
  }

  /** The outcome of the opening. A cart that was never held is removed once all its units are back. */
  #opened(): CartOutcome {
    const cart = this.#cart;
    if (cart === null || cart.status === "pending") return notOpened(cart);
    if (cart.version > 0) return { ok: true, cart };
    this.#removeFailed();
    return notOpened(cart);
  }

  #removeFailed(): void {
    const cart = this.#cart;
    if (cart?.phase === "ended" && cart.version === 0) this.#remove();
  }

  #remove(): void {
    this.#transaction(() => this.#store.remove());
    this.#current = null;
  }

  #transaction<Result>(write: () => Result): Result {
    return this.#alarm.transaction(write, () => this.#store.forget());
  }

  /** The cart after what the clock has done to it. */
  #tick(): Cart | null {
    const cart = this.#cart;
    if (cart === null) return null;
    this.#alarm.noticeSetBack(Date.now());
    const now = tick(cart, Date.now());
    return now === cart ? cart : this.#save({ ...now, updatedAt: Date.now() });
  }

  #take(answers: readonly { message: CartMessage; answer: CartAnswer }[]): boolean {
    const before = this.#cart;
    if (before === null) return false;
    const now = Date.now();
    const after = answers.reduce((cart, { message, answer }) => receive(cart, message, answer, now), before);
    if (after === before) return false;
    this.#save(after);
    // A line that stays new was refused because of other tries: it is tried again after a pause.
    const isMoved = ({ state, done }: Line, index: number) => state !== before.lines[index]?.state || done;
    return after.phase !== before.phase || after.refunds !== before.refunds || after.lines.some(isMoved);
  }

  /**
   * Stores the next state of the cart. Decisions and events are written before anything else is sent, together with the
   * caller's key, which is answered in the transaction that completes the request.
   */
  #save(cart: Cart, by: Pick<CartRequest, "key" | "content"> | null = null): Cart {
    const before = this.#cart;
    const events = cartEvents(before, cart);
    const isHeard = before !== null && untoldRefunds(cart) < untoldRefunds(before);
    if (events.length === 0 && before?.phase === cart.phase && before.loan === cart.loan && !isHeard) {
      this.#current = cart;
      return cart;
    }
    const saved = this.#transaction(() => {
      const written = this.#store.save(cart, events);
      const isAtRest = written.phase === "held" || written.phase === "ended";
      if (by !== null && by.key !== null) this.#store.keepAnswer(by.key, by.content, null, cart.updatedAt);
      if (isAtRest && before?.phase !== written.phase) this.#store.decideAnswers(answerAtRest(written));
      const deadline = this.#nextDeadline(written, cart.updatedAt) ?? cart.updatedAt + RECORD_GRACE_MS;
      this.#alarm.ensure(deadline, cart.updatedAt);
      return written;
    });
    this.#current = saved;
    if (events.length > 0) this.ctx.waitUntil(this.#outbox.kick());
    if (untoldRefunds(saved) > 0) this.ctx.waitUntil(this.#tellings.run(CALLER_PATIENCE_MS));
    return saved;
  }

  /** When to look again. */
  #nextDeadline(cart: Cart | null, now: number): number | null {
    if (cart === null) return null;
    const due = [this.#outbox.nextAt(cart.version, now), nextLookAt(cart, now)];
    return due.reduce((first, at) => (first === null || at === null ? (first ?? at) : Math.min(first, at)), null);
  }

  async #answer(outcome: CartOutcome, waitMs: number): Promise<{ outcome: CartOutcome; recorded: Recorded }> {
    const version = outcome.ok ? outcome.cart.version : (this.#cart?.version ?? 0);
    // A refusal wrote nothing and waits for nothing, except a final one.
    const refusal = "refusal" in outcome ? outcome.refusal : null;
    const isWritten = outcome.ok || (refusal !== null && isFinal(refusal));
    const recorded = await this.#outbox.reached(version, isWritten ? waitMs : 0);
    return { outcome, recorded: recorded ? "d1" : "object" };
  }
}
