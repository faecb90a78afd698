import { ASK_AGAIN_MS, LOCK_MS, NOTICE_EVENTS_MAX, OBJECT_CALL_MS, SWEEP_HOLDS_MAX } from "../../domain/bounds.ts";
import type { LoanEnd } from "../../domain/cart-loan.ts";
import { type Actor, type Command, internalRequest } from "../../domain/command.ts";
import { hasPassed } from "../../domain/elapsed.ts";
import type { Lender, Reservation, Sku, SkuEvent } from "../../domain/model.ts";
import { NOTICED, type Notice, type NoticeBatch, noticesOf } from "../../events/notices.ts";
import type { OutboxDrain } from "../../events/outbox-drain.ts";
import type { Logger } from "../../logger.ts";
import { Outbox } from "../../storage/outbox.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { cartStub } from "../shared/cart-stub.ts";
import { drainOf } from "../shared/outbox-drains.ts";
import { callSku } from "../shared/sku-call.ts";
import { withTimeout } from "../shared/timeout.ts";
import type { AskAndSettle } from "./ask-and-settle.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Transactions } from "./transactions.ts";

/**
 * Sends committed changes to peer objects, and asks them about stale locks and freezes. Never inside a command, and repeated
 * until acknowledged.
 */
export class PeerNotices {
  readonly #env: Env;
  readonly #transactions: Transactions;
  readonly #group: GroupCommit;
  readonly #askAndSettle: AskAndSettle;
  readonly #drain: OutboxDrain<NoticeBatch>;
  readonly #logger: Logger;
  #asking = false;

  constructor(
    ctx: DurableObjectState,
    env: Env,
    transactions: Transactions,
    alarm: AlarmClock,
    group: GroupCommit,
    askAndSettle: AskAndSettle,
  ) {
    this.#env = env;
    this.#logger = alarm.logger;
    this.#transactions = transactions;
    this.#group = group;
    this.#askAndSettle = askAndSettle;
    this.#drain = drainOf<NoticeBatch>(
      alarm,
      "peer_notice_failed",
      {
        newest: () => transactions.store?.sku().version ?? 0,
        next: (after) => this.#next(after),
        write: (batch) => this.#tell(batch.notices),
        acknowledged: () => {},
      },
      transactions.store === null ? 0 : new Outbox(ctx.storage.sql).progress().told,
    );
  }

  /** Sequence up to which all peers were told. */
  get told(): number {
    return this.#drain.recorded;
  }

  /** Whether all peers are told of everything up to `sequence` within `timeoutMs`. */
  reached(sequence: number, timeoutMs: number): Promise<boolean> {
    // After a wake it is not known whether earlier commits concern a peer.
    if (this.told < sequence) void this.#drain.kick();
    return this.#drain.reached(sequence, timeoutMs);
  }

  /** When a failed notice is retried, or null. */
  get retryAt(): number | null {
    return this.#drain.retryAt;
  }

  /** Tells peers about a commit. Most commits concern none, and then this costs nothing. */
  committed(sku: Sku, events: readonly SkuEvent[]): Promise<void> | null {
    const first = events[0]?.sequence;
    if (first === undefined) return null;
    if (noticesOf(sku, events).length > 0) return this.#drain.kick();
    this.#drain.pass(first - 1, sku.version);
    return null;
  }

  /** Sends all waiting notices. */
  kick(): Promise<void> {
    return this.#drain.kick();
  }

  /** Asks the carts of lines that are locked for too long, and the drop of a freeze that lasts too long. */
  async ask(now: number): Promise<void> {
    const store = this.#transactions.store;
    if (store === null || this.#asking) return;
    this.#asking = true;
    try {
      const sku = store.sku();
      const lines = store.lockedLines(sku.sku, now, SWEEP_HOLDS_MAX);
      const asked = await Promise.allSettled([
        ...lines.map((line) => (line.lentTo === null ? this.#askCart(line) : this.#askAboutLoan(line))),
        this.#askDrop(sku, now),
      ]);
      const failed = asked.filter((one) => one.status === "rejected");
      if (failed[0]) this.#logger.log("peer_check_failed", { checks: failed.length, error: failed[0].reason });
    } finally {
      this.#asking = false;
    }
  }

  /** When to ask next, or null. */
  nextAskAt(now: number): number | null {
    const store = this.#transactions.store;
    if (store === null) return null;
    const frozenAt = store.sku().membership?.frozenAt ?? null;
    const due = [store.nextLockAt(), frozenAt === null ? null : frozenAt + LOCK_MS];
    // What began under a clock that was ahead is asked about as well: its true age is unknown.
    const isToCome = (at: number) => at > now && at <= now + LOCK_MS;
    const known = due.filter((at): at is number => at !== null).map((at) => (isToCome(at) ? at : now + ASK_AGAIN_MS));
    return known.length === 0 ? null : Math.min(...known);
  }

  #next(after: number): NoticeBatch {
    const store = this.#transactions.store;
    if (store === null) throw new Error("there is no SKU");
    const sku = store.sku();
    const events = store.eventsForOthers(after, NOTICED, NOTICE_EVENTS_MAX);
    const isFull = events.length === NOTICE_EVENTS_MAX;
    return { upTo: isFull ? (events.at(-1)?.sequence ?? after) : sku.version, notices: noticesOf(sku, events) };
  }

  /** Sends notices; those for one Allowance object share a call. */
  async #tell(notices: readonly Notice[]): Promise<void> {
    const news = notices.flatMap((notice) => (notice.to === "allowance" ? [notice] : []));
    const byAllowance = Map.groupBy(news, ({ allowance }) => allowance);
    const calls = [
      ...Array.from(byAllowance, ([name, some]) =>
        this.#env.ALLOWANCE.getByName(name).report(some.map((notice) => notice.news)),
      ),
      ...notices.map((notice) => this.#deliver(notice)),
    ];
    const told = await Promise.allSettled(calls.map((call) => withTimeout(call, OBJECT_CALL_MS, "a peer")));
    const failed = told.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #deliver(notice: Notice): Promise<void> {
    if (notice.to === "cart") await cartStub(this.#env, notice.cart).lost(notice.cart, notice.reservation, notice.what);
    if (notice.to === "limit") await this.#askAndSettle.settleOffer(notice.offer);
    if (notice.to === "lender") await this.#tellLender(notice.lender, notice.end);
  }

  /** A lender that does not answer asks by itself later. */
  async #tellLender(lender: Lender, end: LoanEnd): Promise<void> {
    if ("cart" in lender) return cartStub(this.#env, lender.cart).loanEnded(lender.cart, end);
    const { rescue, serial, fate } = end;
    const command = { type: fate, id: lender.id, rescue, serial: serial ?? undefined };
    await callSku(this.#env, lender.sku, [internalRequest(command)]);
  }

  /** What a claim that has been lent for too long has to do: its cart knows, otherwise the SKU of the late payment. */
  async #askAboutLoan({ id, sku, cart, lentTo }: Reservation): Promise<void> {
    if (lentTo === null) return;
    const asking =
      cart === null
        ? this.#env.SKU.getByName(lentTo.sku).fateOfRescue(lentTo.id, { sku, id })
        : cartStub(this.#env, cart).fateOfLoan(cart, lentTo.name);
    const fate = await withTimeout(asking, OBJECT_CALL_MS, "a late payment");
    const actor: Actor = cart === null ? { role: "service" } : { role: "cart", cart };
    if (fate !== null) await this.#run(actor, { type: fate, id, rescue: lentTo.name });
  }

  async #askCart({ id, cart }: Reservation): Promise<void> {
    if (cart === null) throw new Error("a line is locked without a cart");
    const { fate, orderId } = await withTimeout(cartStub(this.#env, cart).fateOf(cart, id), OBJECT_CALL_MS, "a cart");
    const actor: Actor = { role: "cart", cart };
    if (fate === "confirm") await this.#run(actor, { type: "confirm", id, orderId: orderId ?? undefined });
    if (fate === "unlock") await this.#run(actor, { type: "unlock", id });
  }

  async #askDrop({ sku, drop, membership }: Sku, now: number): Promise<void> {
    const frozenAt = membership?.frozenAt ?? null;
    if (drop === null || frozenAt === null || !hasPassed(frozenAt, LOCK_MS, now)) return;
    const decision = await withTimeout(this.#env.DROP.getByName(drop).decisionFor(sku), OBJECT_CALL_MS, "a drop");
    if (decision !== null) await this.#run({ role: "service" }, { type: "enroll", drop, ...decision });
  }

  /** Runs a command that the object itself issues, in the next group. */
  async #run(actor: Actor, command: Command): Promise<void> {
    await this.#group.submit([internalRequest(command, actor)]);
  }
}
