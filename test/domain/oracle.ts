import type { Command, Request } from "../../src/domain/command.ts";
import type { Policy } from "../../src/domain/model.ts";

/** What a verdict comes down to: the members that a caller acts on, or those of each command of a batch. */
export type Verdict = Told | { parts: Verdict[]; replayed?: true };
type Told = { parts?: never; replayed?: true } & Record<string, unknown>;

export interface OracleClaim {
  customer: string;
  quantity: number;
  status: "held" | "confirmed" | "released" | "expired" | "returned";
  expiresAt: number;
  latest: number;
  confirmed: number;
  returned: number;
  orderId: string | null;
  rescued: boolean;
  created: number;
  /** To a late payment of the same customer. */
  gaveWay: boolean;
  /** The verdict for every order that was refused for good. */
  refunds: Map<string | null, Told>;
}

type Named = Extract<Command, { type: "confirm" | "extend" | "release" | "return" }>;

/**
 * The rules told a second time and in another way: there are no counters, no events and no sweeping. Every number is
 * summed from the claims, and a dead hold is over as soon as anybody looks.
 */
export class Oracle {
  readonly claims = new Map<string, OracleClaim>();
  readonly #kept = new Map<string, { content: string; verdict: Verdict }>();
  stock: number;
  #policy: Policy;
  #revision = 1;
  #now = 0;

  constructor(stock: number, policy: Policy) {
    this.stock = stock;
    this.#policy = policy;
  }

  judgeAll(requests: readonly Request[], now: number): Verdict[] {
    this.look(now);
    return requests.map((request) => this.#judge(request));
  }

  look(now: number): void {
    this.#now = now;
    for (const claim of this.claims.values()) {
      if (claim.status === "held" && claim.expiresAt <= now) claim.status = "expired";
    }
  }

  get held(): number {
    return this.#sum((claim) => (claim.status === "held" ? claim.quantity : 0));
  }

  get sold(): number {
    return this.#sum((claim) => claim.confirmed - claim.returned);
  }

  get free(): number {
    return this.stock - this.held - this.sold;
  }

  get phase(): string {
    const { opensAt, closesAt } = this.#policy;
    if (closesAt !== null && closesAt <= this.#now) return "closed";
    return opensAt !== null && opensAt > this.#now ? "scheduled" : "open";
  }

  #sum(unitsOf: (claim: OracleClaim) => number): number {
    return [...this.claims.values()].reduce((total, claim) => total + unitsOf(claim), 0);
  }

  #unitsOf(customer: string): number {
    const units = (claim: OracleClaim) => (claim.status === "held" ? claim.quantity : claim.confirmed - claim.returned);
    return this.#sum((claim) => (claim.customer === customer ? units(claim) : 0));
  }

  #judge(request: Request): Verdict {
    const { command, actor, key, content } = request;
    if (command.type !== "reserve" && "id" in command) {
      const owner = this.claims.get(command.id)?.customer;
      if (owner === undefined || (actor.role === "shopper" && actor.customer !== owner)) return { code: "not-found" };
    }
    const kept = key === null ? undefined : this.#kept.get(key);
    if (kept && kept.content !== content) return { code: "idempotency-key-reused" };
    if (kept) return { ...kept.verdict, replayed: true };
    const before = this.#likeness();
    const verdict = this.#decide(request);
    const changed = this.#likeness() !== before;
    if (key !== null && changed && !("code" in verdict)) this.#kept.set(key, { content, verdict });
    return verdict;
  }

  /** Equal for equal states, so that it tells whether anything has changed. */
  #likeness(): string {
    const refunds = [...this.claims.values()].map(({ refunds }) => [...refunds.keys()]);
    return JSON.stringify([this.stock, this.#policy, ...this.claims, ...refunds]);
  }

  #decide({ command, actor }: Request): Verdict {
    switch (command.type) {
      case "reserve":
        return this.#reserve(command, actor.role === "shopper");
      case "adjust":
        if (this.free + command.delta < 0) return { code: "stock-in-use", available: this.free };
        this.stock += command.delta;
        return this.#told();
      case "update":
        return this.#edit(command.policy ?? {});
      case "batch":
        return { parts: command.requests.map((part) => this.#judge(part)) };
      case "create":
        return { code: "sku-exists" };
      case "confirm":
      case "extend":
      case "release":
      case "return":
        return this.#decideOn(command, actor.role === "shopper");
      default:
        throw new Error(`the oracle does not know ${command.type}`);
    }
  }

  #edit(change: Partial<Policy>): Verdict {
    const policy = { ...this.#policy, ...change };
    const { opensAt, closesAt } = policy;
    if (opensAt !== null && closesAt !== null && closesAt <= opensAt) return { code: "invalid-request" };
    if (JSON.stringify(policy) !== JSON.stringify(this.#policy)) this.#revision += 1;
    this.#policy = policy;
    return this.#told();
  }

  #told(): Verdict {
    const { stock, held, sold } = this;
    return { stock, held, sold, available: this.free, revision: this.#revision, phase: this.phase };
  }

  #reserve(wish: Extract<Command, { type: "reserve" }>, confined: boolean): Verdict {
    const { quantity, customer } = wish;
    const { paused, maxPerReservation, perCustomerLimit, opensAt } = this.#policy;
    if (paused) return { code: "paused" };
    if (this.phase === "scheduled") {
      return { code: "not-open", opensAt, retryAfterSeconds: Math.ceil(((opensAt ?? 0) - this.#now) / 1000) };
    }
    if (this.phase === "closed") return { code: "closed" };
    const over = { code: "limit-exceeded", used: 0, limit: maxPerReservation, remaining: maxPerReservation };
    if (quantity > maxPerReservation) return { ...over, scope: "reservation" };
    const [used, limit] = [this.#unitsOf(customer), perCustomerLimit ?? Number.POSITIVE_INFINITY];
    const remaining = used > limit ? 0 : limit - used;
    if (quantity > remaining) return { code: "limit-exceeded", used, limit, remaining, scope: "sku" };
    if (quantity > this.free) {
      const state = this.held > 0 ? "held_elsewhere" : "sold_out";
      return { code: "insufficient-stock", available: this.free, state };
    }
    const latest = this.#now + this.#policy.maxHoldSeconds * 1000;
    const expiresAt = this.#ending(wish.ttlSeconds, confined, latest);
    const nothing = {
      created: this.#now,
      gaveWay: false,
      confirmed: 0,
      returned: 0,
      orderId: null,
      rescued: false,
      refunds: new Map(),
    };
    return this.#keep(wish.id, { customer, quantity, status: "held", expiresAt, latest, ...nothing });
  }

  #ending(asked: number | undefined, confined: boolean, latest: number): number {
    const { holdTtlSeconds, maxHoldSeconds } = this.#policy;
    let seconds = asked ?? holdTtlSeconds;
    if (confined && seconds > holdTtlSeconds) seconds = holdTtlSeconds;
    if (!confined && seconds > maxHoldSeconds) seconds = maxHoldSeconds;
    const end = this.#now + seconds * 1000;
    return Math.min(end, latest);
  }

  #decideOn(command: Named, confined: boolean): Verdict {
    const claim = this.claims.get(command.id);
    if (!claim) throw new Error("the oracle was asked about what is not there");
    const bought = claim.status === "confirmed" || claim.status === "returned";
    const { orderId } = claim;
    if (command.type === "return") {
      return bought ? this.#takeBack(command, claim) : { code: "not-confirmed" };
    }
    if (command.type === "confirm") return this.#sell(command, claim);
    if (bought) return { code: "already-confirmed", orderId, refundRequired: false };
    if (command.type === "release") {
      return this.#keep(command.id, claim.status === "held" ? { ...claim, status: "released" } : claim);
    }
    if (claim.status === "released") return { code: "already-released", refundRequired: false };
    if (claim.status === "expired") return { code: "hold-expired", refundRequired: claim.refunds.size > 0 };
    const expiresAt = this.#ending(command.ttlSeconds, confined, claim.latest);
    if (expiresAt <= claim.expiresAt) return { code: "extension-limit", extendableUntil: claim.latest };
    return this.#keep(command.id, { ...claim, expiresAt });
  }

  #takeBack(command: Extract<Named, { type: "return" }>, claim: OracleClaim): Verdict {
    const returnable = claim.confirmed - claim.returned;
    const quantity = command.quantity ?? returnable;
    if (returnable === 0 || quantity > returnable) return { code: "nothing-to-return", returnable };
    const status = quantity === returnable ? "returned" : "confirmed";
    if (!command.restock) this.stock -= quantity;
    return this.#keep(command.id, { ...claim, status, returned: claim.returned + quantity });
  }

  #sell(command: Extract<Named, { type: "confirm" }>, claim: OracleClaim): Verdict {
    const quantity = command.quantity ?? claim.quantity;
    const orderId = command.orderId ?? null;
    const before = claim.refunds.get(orderId);
    if (before) return before;
    const refund = (verdict: Told) => {
      claim.refunds.set(orderId, verdict);
      return verdict;
    };
    if (claim.status === "released" && !claim.gaveWay)
      return refund({ code: "already-released", refundRequired: true });
    if (claim.status === "confirmed" || claim.status === "returned") {
      if (claim.orderId === orderId && claim.confirmed === quantity) return this.#keep(command.id, claim);
      const paidTwice = orderId !== null && orderId !== claim.orderId;
      const verdict = { code: "already-confirmed", orderId: claim.orderId, refundRequired: paidTwice };
      return paidTwice ? refund(verdict) : verdict;
    }
    const late = claim.status !== "held";
    if (late && !this.#makeRoom(claim, quantity)) return refund({ code: "hold-expired", refundRequired: true });
    const sold = { status: "confirmed" as const, confirmed: quantity, orderId, gaveWay: false };
    return this.#keep(command.id, { ...claim, ...sold, rescued: late });
  }

  /** A late payment's own customer gives way to it: his other holds go, the newest first, but only when that is enough. */
  #makeRoom(claim: OracleClaim, quantity: number): boolean {
    const { lateConfirmSeconds, perCustomerLimit } = this.#policy;
    if (this.#now - claim.expiresAt >= lateConfirmSeconds * 1000) return false;
    const others = [...this.claims].filter(([, one]) => one.customer === claim.customer && one.status === "held");
    others.sort(([id, one], [otherId, other]) => other.created - one.created || (id < otherId ? 1 : -1));
    const fits = () => {
      const inLimit = perCustomerLimit === null || this.#unitsOf(claim.customer) + quantity <= perCustomerLimit;
      return inLimit && this.free >= quantity;
    };
    const gone: [string, OracleClaim][] = [];
    for (const [id, one] of others) {
      if (fits()) break;
      gone.push([id, one]);
      this.claims.set(id, { ...one, status: "released", gaveWay: true });
    }
    if (fits()) return true;
    for (const [id, one] of gone) this.claims.set(id, one);
    return false;
  }

  #keep(id: string, claim: OracleClaim): Verdict {
    this.claims.set(id, claim);
    const { status, expiresAt, confirmed, returned, orderId, rescued } = claim;
    return { id, status, expiresAt, confirmed, returned, orderId, rescued, available: this.free };
  }
}
