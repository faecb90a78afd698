import { allowanceName, claimOf, type Grant, isRefused, verdictOf } from "../../domain/allowance.ts";
import type { DropLimit, Outcome, Refusal, Request } from "../../domain/command.ts";
import { lastOutcome, refused } from "../../domain/command.ts";
import { answerTo, closingOf, pendingIn, type Tried, type Verdict, withAnswers } from "../../domain/limit-claims.ts";
import { dropLimit } from "../../domain/stock.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import type { Deadline } from "../shared/deadline.ts";
import { AllowanceCalls } from "./allowance-calls.ts";
import type { GroupCommit } from "./group-commit.ts";
import { RecentlyRefused } from "./recently-refused.ts";
import { Rescues } from "./rescues.ts";
import type { Transactions } from "./transactions.ts";

interface Closing {
  request: Request;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/**
 * Handles claims that a drop's limit counts. Each is a try first: between two transactions the SKU asks the Allowance object,
 * and settles the try before the caller is answered. If that is interrupted, the try lapses by itself.
 */
export class AskAndSettle {
  readonly #group: GroupCommit;
  readonly #transactions: Transactions;
  readonly #calls: AllowanceCalls;
  readonly #rescues: Rescues;
  readonly #refused = new RecentlyRefused();
  #closings: Closing[] = [];

  constructor(env: Env, group: GroupCommit, transactions: Transactions, alarm: AlarmClock) {
    this.#calls = new AllowanceCalls(env, alarm);
    this.#rescues = new Rescues(env, group, this.#calls, alarm);
    this.#group = group;
    this.#transactions = transactions;
  }

  /**
   * Executes the requests. If the SKU answers with tries, gets a grant for each and settles them. Rejects if the limit cannot
   * be asked. Requests that have not begun by their deadline do not begin.
   */
  async execute(requests: readonly Request[], deadline: Deadline): Promise<Outcome[]> {
    const asked = this.#refused.isEmpty ? requests : await this.#askAhead(requests);
    const outcomes = await this.#group.submit(asked, deadline);
    const pending = pendingIn(asked, outcomes);
    if (pending.length === 0) return outcomes;
    const closed = await Promise.all(pending.map((one) => this.#settle(one)));
    const answers = pending.map(({ outcome }, place) => answerTo(closed[place] ?? outcome));
    return withAnswers(outcomes, pending, answers);
  }

  /** Whether a late payment of this reservation is being decided. */
  isRescuing(id: string): boolean {
    return this.#rescues.has(id);
  }

  /** Asks for the try of an offer, and makes the offer or cancels it. */
  async settleOffer(tried: Tried): Promise<void> {
    await this.#settle(tried);
  }

  /** Has others say yes or no to a try, and closes it as they did; null: it is granted, and its cart's now. */
  async #settle(tried: Tried): Promise<Outcome | null> {
    if (tried.reservation.attempt?.purpose === "rescue") {
      return this.#rescues.decide(tried, (verdict) => this.#closeAs(tried, verdict));
    }
    const grant = await this.#ask(tried);
    const closed = await this.#closeAs(tried, verdictOf(grant));
    // A line that ended before it was asked about needs nothing more.
    return closed ?? (grant.granted ? null : refused({ code: "overloaded" }));
  }

  async #closeAs(tried: Tried, verdict: Verdict): Promise<Outcome | null> {
    const closing = closingOf(tried, verdict);
    return closing === null ? null : this.#close(closing);
  }

  /** The limit's answer about a try. */
  async #ask({ reservation, limit }: Tried): Promise<Grant> {
    const { countedBy } = reservation;
    if (limit === null || countedBy === null) return { granted: true };
    const grant = await this.#calls.claim(countedBy, claimOf(reservation, limit.limit));
    this.#remember(reservation.customer, grant);
    return grant;
  }

  /** Settles tries that were answered together in one transaction. */
  #close(request: Request): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    if (this.#closings.length === 0) queueMicrotask(() => void this.#closeAll());
    this.#closings.push({ request, resolve, reject });
    return promise;
  }

  async #closeAll(): Promise<void> {
    const closings = this.#closings;
    this.#closings = [];
    try {
      const outcomes = await this.#group.submit(closings.map(({ request }) => request));
      for (const [index, { resolve }] of closings.entries()) resolve(lastOutcome(outcomes.slice(index, index + 1)));
    } catch (error) {
      for (const { reject } of closings) reject(error);
    }
  }

  #remember(customer: string, grant: Grant): void {
    if (isRefused(grant)) this.#refused.add(customer, Date.now());
    else this.#refused.forget(customer);
  }

  /**
   * Asks about recently refused customers before there is a try: customers at their limit who press repeatedly cannot keep the
   * last unit in tries.
   */
  async #askAhead(requests: readonly Request[]): Promise<Request[]> {
    const limit = this.#transactions.store === null ? null : dropLimit(this.#transactions.sku);
    return limit === null ? [...requests] : Promise.all(requests.map((request) => this.#askAheadOf(request, limit)));
  }

  async #askAheadOf(request: Request, limit: DropLimit): Promise<Request> {
    const { command } = request;
    if (command.type === "batch") {
      const parts = await Promise.all(command.requests.map((part) => this.#askAheadOf(part, limit)));
      return { ...request, command: { ...command, requests: parts } };
    }
    if (command.type !== "reserve" || !this.#refused.has(command.customer, Date.now())) return request;
    const overDropLimit = await this.#refusalOf(command.customer, command.quantity, limit);
    return overDropLimit === null ? request : { ...request, command: { ...command, overDropLimit } };
  }

  /** Why the limit has no room for these units, or null. If that cannot be determined, the claim itself asks again. */
  async #refusalOf(customer: string, units: number, limit: DropLimit): Promise<Refusal | null> {
    const question = { id: "", customer, sku: "", units, version: 0, limit: limit.limit, isQuestion: true };
    try {
      const grant = await this.#calls.claim(allowanceName(limit, customer), question);
      this.#remember(customer, grant);
      return grant.granted ? null : grant.refusal;
    } catch {
      return null;
    }
  }
}
