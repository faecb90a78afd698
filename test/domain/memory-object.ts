import { SWEEP_HOLDS_MAX } from "../../src/domain/bounds.ts";
import type { Command, Outcome, Request } from "../../src/domain/command.ts";
import { type Answer, type Ledger, openLedger } from "../../src/domain/ledger.ts";
import type { Reservation, Sku, SkuEvent } from "../../src/domain/model.ts";
import { isDead, liveUnits } from "../../src/domain/stock.ts";
import { transact, wantedUnits } from "../../src/domain/transaction.ts";

/**
 * A SKU object without storage: it keeps what the real one keeps, gathers the facts that a ledger asks for, and commits
 * what a transaction wrote. One that throws leaves it as it was.
 */
export class MemoryObject {
  now: number;
  sku: Sku | null = null;
  readonly reservations = new Map<string, Reservation>();
  readonly events: SkuEvent[] = [];
  readonly #answers = new Map<string, Answer>();

  constructor(now: number) {
    this.now = now;
  }

  execute(requests: readonly Request[]): Outcome[] {
    while (this.#needsSweepAhead(requests)) this.wake();
    const ledger = this.#gather(requests);
    const due = this.#due(requests);
    ledger.overdueUnits = this.#unitsOfDead() - sum(due.map(({ quantity }) => quantity));
    return this.#commit(ledger, transact(ledger, due, requests));
  }

  /** What the alarm does: sweeps a batch of due holds and commits what the clock has changed. */
  wake(): void {
    const due = this.#dead().slice(0, SWEEP_HOLDS_MAX);
    const ledger = openLedger(this.now, this.sku);
    ledger.overdueUnits = this.#unitsOfDead() - sum(due.map(({ quantity }) => quantity));
    this.#commit(ledger, transact(ledger, due, []));
  }

  #gather(requests: readonly Request[]): Ledger {
    const ledger = openLedger(this.now, this.sku);
    for (const { key, command } of requests.flatMap(withParts)) {
      const answer = key === null ? undefined : this.#answers.get(key);
      if (key !== null && answer) ledger.answers.set(key, answer);
      const named = "id" in command ? this.reservations.get(command.id) : undefined;
      if (named) ledger.reservations.set(named.id, named);
      const customer = command.type === "reserve" ? command.customer : named?.customer;
      if (customer !== undefined) ledger.unitsByCustomer.set(customer, this.#unitsOf(customer));
    }
    return ledger;
  }

  #unitsOf(customer: string): number {
    const alive = [...this.reservations.values()].filter((one) => one.customer === customer && !isDead(one, this.now));
    return sum(alive.map((one) => liveUnits(one, this.now)));
  }

  #dead(): Reservation[] {
    return [...this.reservations.values()]
      .filter((one) => isDead(one, this.now))
      .sort((one, other) => one.expiresAt - other.expiresAt);
  }

  #unitsOfDead(): number {
    return sum(this.#dead().map(({ quantity }) => quantity));
  }

  /** Units that the requests want beyond those that are free without any sweep. */
  #missing(requests: readonly Request[]): number {
    const free = this.sku ? this.sku.stock - this.sku.held - this.sku.sold : 0;
    return wantedUnits(requests, (id) => this.reservations.get(id)?.quantity ?? 0) - free;
  }

  #needsSweepAhead(requests: readonly Request[]): boolean {
    const dead = this.#dead();
    const sweepable = sum(dead.slice(0, SWEEP_HOLDS_MAX).map(({ quantity }) => quantity));
    return dead.length > SWEEP_HOLDS_MAX && this.#missing(requests) > sweepable;
  }

  #due(requests: readonly Request[]): Reservation[] {
    const named = new Set(requests.flatMap(withParts).map(({ command }) => ("id" in command ? command.id : "")));
    let missing = this.#missing(requests);
    let room = SWEEP_HOLDS_MAX;
    return this.#dead().filter(({ id, quantity }) => {
      if (!named.has(id) && (missing <= 0 || room <= 0)) return false;
      missing -= quantity;
      room -= 1;
      return true;
    });
  }

  #commit(ledger: Ledger, outcomes: Outcome[]): Outcome[] {
    this.sku = ledger.sku;
    this.events.push(...ledger.events);
    for (const id of ledger.changedReservations) this.reservations.set(id, present(ledger.reservations.get(id)));
    for (const key of ledger.newKeys) this.#answers.set(key, present(ledger.answers.get(key)));
    return outcomes;
  }
}

function withParts(request: Request): Request[] {
  const parts: Command = request.command;
  return parts.type === "batch" ? [request, ...parts.requests] : [request];
}

function present<Fact>(fact: Fact | undefined): Fact {
  if (fact === undefined) throw new Error("a transaction named what it did not leave");
  return fact;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
