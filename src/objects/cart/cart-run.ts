import { CALLER_PATIENCE_MS, RECORD_GRACE_MS } from "../../domain/bounds.ts";
import { type Cart, fateOf, type Line, lapse, openCart, resumed, takeOut, tick } from "../../domain/cart.ts";
import { nextLookAt } from "../../domain/cart-deadline.ts";
import { cartEvents, isToBeWritten } from "../../domain/cart-events.ts";
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
import type { RescueAnswer } from "../../domain/rescue-steps.ts";
import type { CartStore } from "../../storage/cart-store.ts";
import type { OpenCart } from "../rpc.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { Deadline } from "../shared/deadline.ts";
import { ProtocolRunner } from "../shared/protocol-runner.ts";
import { CartLoans } from "./cart-loans.ts";
import { callLine, pauseMsOf } from "./cart-rpc.ts";
import type { LineCalls } from "./line-calls.ts";

/** What a cart needs of its object. */
export interface CartDeps {
  env: Env;
  store: CartStore;
  alarm: AlarmClock;
  lines: LineCalls;
  /** There are new events. */
  committed(): void;
  background(work: Promise<void>): void;
}

/**
 * One cart that is going on: the coordinator of its lines. It writes what it is about to do before it says so, and its
 * object's alarm goes on from there. All decisions are the pure protocol's in `domain/cart-steps.ts`.
 */
export class CartRun {
  readonly #id: string;
  readonly #deps: CartDeps;
  readonly #runner: ProtocolRunner<CartMessage, CartAnswer>;
  readonly #loans: CartLoans;
  /** Tells lines of orders that went back. Nobody waits for it: it is decided already. */
  readonly #tellings: ProtocolRunner<CartMessage, CartAnswer>;
  /** The cart as it has gone on: only decisions are written, the rest follows from saying it again. */
  #cart: Cart | null;
  /** Whether its object has a row of it. */
  #isWritten: boolean;
  /** Content of the opening that began it here. */
  #content = "";

  /** `cart` as it was last written, or null where there is none. */
  constructor(id: string, cart: Cart | null, deps: CartDeps) {
    this.#id = id;
    this.#cart = cart === null ? null : resumed(cart);
    this.#isWritten = cart !== null;
    this.#deps = deps;
    const protocol = {
      say: async (message: CartMessage): Promise<CartAnswer> =>
        this.#cart === null ? { kind: "lost" } : callLine(deps.lines, this.#cart, message, deps.alarm.logger),
      take: (answers: readonly { message: CartMessage; answer: CartAnswer }[]) => this.#take(answers),
    };
    this.#runner = new ProtocolRunner<CartMessage, CartAnswer>(
      {
        ...protocol,
        messages: () => {
          const now = this.#tick();
          return now === null ? [] : messagesOf(now);
        },
        pauseMs: (vainRounds) => pauseMsOf(this.#cart, vainRounds),
      },
      deps.alarm.timers,
    );
    this.#tellings = new ProtocolRunner<CartMessage, CartAnswer>(
      { ...protocol, messages: () => (this.#cart === null ? [] : tellingsOf(this.#cart)) },
      deps.alarm.timers,
    );
    const access = {
      tick: () => this.#tick(),
      save: (saved: Cart) => this.#save(saved),
      run: (patienceMs: number) => this.#runner.run(patienceMs),
    };
    this.#loans = new CartLoans(deps.env, access, deps.alarm.logger);
  }

  /** Whether it has nothing to do and nothing in memory that is not written. */
  get isAtRest(): boolean {
    const isRunning = this.#runner.isRunning || this.#tellings.isRunning;
    // What was never written has set nothing aside.
    return (
      !isRunning &&
      (this.#cart === null || !this.#isWritten || messagesOf(this.#cart).length + untoldRefunds(this.#cart) === 0)
    );
  }

  /** Whether nobody runs it just now: what is not written follows from saying it again. */
  get isIdle(): boolean {
    return !this.#runner.isRunning && !this.#tellings.isRunning;
  }

  /** Holds all lines, or as many as there are, and answers when that is decided. The same opening again meets its own cart. */
  async open(wanted: OpenCart, patienceMs: number): Promise<CartOutcome> {
    const deadline = new Deadline(Math.min(patienceMs, CALLER_PATIENCE_MS));
    for (;;) {
      const again = this.#deps.store.opened(this.#id, wanted.content);
      if (again !== null) return again;
      // A failed attempt has to be through with giving back before the next one begins.
      await this.#runner.run(deadline.leftMs);
      this.#removeFailed();
      if (this.#cart === null) break;
      const outcome = this.#opened();
      if (outcome.ok) return { ...outcome, replayed: true };
      if (deadline.isOver) return outcome;
    }
    if (deadline.isOver) return refused({ code: "overloaded" });
    const { lines, content, ...cart } = wanted;
    this.#content = content;
    this.#save(openCart(cart, lines, Date.now()));
    await this.#runner.run(deadline.leftMs);
    return this.#opened();
  }

  /** The cart as it stands now; null when there is none, or none that this caller may see. */
  look(actor: Actor): Cart | null {
    const cart = this.#tick();
    return cart !== null && isKnown(cart) && isOwn(actor, cart) ? cart : null;
  }

  /** Extends, releases or confirms all lines, and answers when that is done; what it could not finish in time goes on. */
  async act(request: CartRequest, patienceMs: number): Promise<CartOutcome> {
    const deadline = new Deadline(Math.min(patienceMs, CALLER_PATIENCE_MS));
    await this.#runner.run(deadline.leftMs);
    const { actor, key, content } = request;
    const cart = this.look(actor);
    if (cart === null) return refused({ code: "not-found" });
    const again = key === null ? null : this.#deps.store.again(this.#id, key, content);
    if (again !== null) return again;
    if (deadline.isOver) return refused({ code: "overloaded" });
    const asked = askOf(cart, request, Date.now());
    if (asked.kind === "refused") {
      if (asked.cart !== undefined) this.#save(asked.cart);
      return refused(asked.refusal);
    }
    if (asked.kind === "begun") {
      this.#save({ ...asked.cart, asked: request.ask.type }, request);
      await this.#runner.run(deadline.leftMs);
    }
    return outcomeOf(this.#cart ?? cart, request);
  }

  /** Its customer gave this line back at its SKU, or it has died there. */
  async lost(reservation: string, what: "taken-out" | "lapsed"): Promise<void> {
    if (what === "taken-out") await this.#runner.run(CALLER_PATIENCE_MS);
    const cart = this.#tick();
    if (cart === null) return;
    const left = (what === "lapsed" ? lapse : takeOut)(cart, reservation, Date.now());
    if (left !== cart) this.#save(left);
  }

  /** Lends all lines to a late payment of the same customer: it answers for all of them or for none. */
  lend(to: Rescue): Promise<RescueAnswer> {
    return this.#loans.lend(to);
  }

  /** The late payment of this name was decided: the lines are again what they were, or have given way. */
  loanEnded(loanEnd: LoanEnd): Promise<void> {
    return this.#loans.end(loanEnd);
  }

  /** What a line that is lent for too long is to do; null: it will be told. */
  fateOfLoan(rescue: string): "restore" | "supersede" | null {
    return fateOfLoan(this.#cart, rescue);
  }

  /** What a SKU that has lost sight of this cart is to do with a locked line. */
  fateOf(reservation: string): { fate: "confirm" | "unlock" | "wait"; orderId: string | null } {
    const cart = this.#cart;
    return { fate: cart === null ? "unlock" : fateOf(cart, reservation), orderId: cart?.orderId ?? null };
  }

  /** Does what the clock asks for, and goes on with whatever was left. */
  async goOn(): Promise<void> {
    this.#tick();
    await this.#loans.ask();
    await this.#runner.run(CALLER_PATIENCE_MS);
    await this.#tellings.run(CALLER_PATIENCE_MS);
    this.#removeFailed();
    if (this.#cart !== null) this.#deps.store.lookAgainAt(this.#id, nextLookAt(this.#cart, Date.now()));
  }

  /** What became of the opening; a cart that was never held leaves nothing behind once all its units are back. */
  #opened(): CartOutcome {
    const cart = this.#cart;
    if (cart === null || cart.status === "pending") return notOpened(cart);
    if (cart.version > 0) return { ok: true, cart };
    this.#removeFailed();
    return notOpened(cart);
  }

  #removeFailed(): void {
    if (this.#cart?.phase !== "ended" || this.#cart.version !== 0) return;
    if (this.#isWritten) this.#transaction(() => this.#deps.store.remove(this.#id));
    this.#isWritten = false;
    this.#cart = null;
  }

  #transaction<Result>(write: () => Result): Result {
    return this.#deps.alarm.transaction(write, () => this.#deps.store.forget());
  }

  /** The cart after what the clock has done to it. */
  #tick(): Cart | null {
    const cart = this.#cart;
    if (cart === null) return null;
    this.#deps.alarm.noticeSetBack(Date.now());
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
    // A line that stays new was refused because of other tries: it is said again after a pause.
    const isMoved = ({ state, done }: Line, index: number) => state !== before.lines[index]?.state || done;
    return after.phase !== before.phase || after.refunds !== before.refunds || after.lines.some(isMoved);
  }

  /**
   * Goes on with the cart. What is decided, and what others are told of, is written before anything else is said: with the key of
   * whoever asked for it, which is answered in the transaction in which that is through.
   */
  #save(cart: Cart, by: Pick<CartRequest, "key" | "content"> | null = null): Cart {
    const { store, alarm } = this.#deps;
    const before = this.#cart;
    if (!isToBeWritten(before, cart)) {
      this.#cart = cart;
      return cart;
    }
    const events = cartEvents(before, cart);
    const saved = this.#transaction(() => {
      const nextAt = nextLookAt(cart, cart.updatedAt);
      const written = store.save(cart, events, nextAt, this.#isWritten ? null : this.#content);
      const isAtRest = written.phase === "held" || written.phase === "ended";
      if (by !== null && by.key !== null) store.keys(this.#id).keep(by.key, by.content, null, cart.updatedAt);
      if (isAtRest && cart.version > 0 && before?.phase !== written.phase)
        store.keys(this.#id).decide(answerAtRest(written));
      const recordAt = cart.updatedAt + RECORD_GRACE_MS;
      alarm.ensure(events.length > 0 ? Math.min(nextAt ?? recordAt, recordAt) : (nextAt ?? recordAt), cart.updatedAt);
      return written;
    });
    this.#cart = saved;
    this.#isWritten = true;
    if (events.length > 0) this.#deps.committed();
    if (untoldRefunds(saved) > 0) this.#deps.background(this.#tellings.run(CALLER_PATIENCE_MS));
    return saved;
  }
}
