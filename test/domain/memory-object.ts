import { SERVE_ENTRIES_MAX, SWEEP_HOLDS_MAX } from "../../src/domain/bounds.ts";
import { type Command, isReservationCommand, type Outcome, type Request } from "../../src/domain/command.ts";
import type { Reservation, Sku, SkuEvent, WaitlistEntry } from "../../src/domain/model.ts";
import { Promises } from "../../src/domain/promises.ts";
import { needsClaims } from "../../src/domain/rescue.ts";
import { isDead, isWaitlistOver, liveUnits } from "../../src/domain/stock.ts";
import { transact, wantedUnits } from "../../src/domain/transaction.ts";
import { triesIn } from "../../src/domain/try.ts";
import { type Abandons, noShortages, openTurns, type Turns } from "../../src/domain/turns.ts";
import { openUnitOfWork, type StoredAnswer, type UnitOfWork } from "../../src/domain/unit-of-work.ts";

/**
 * A SKU object without storage: it keeps what the real one keeps, gathers the facts that a unit of work needs, and commits
 * what a transaction wrote. One that throws leaves it as it was.
 */
export class MemoryObject {
  now: number;
  sku: Sku | null = null;
  readonly reservations = new Map<string, Reservation>();
  readonly entries = new Map<string, WaitlistEntry>();
  readonly events: SkuEvent[] = [];
  readonly #answers = new Map<string, StoredAnswer>();
  /** What the real one keeps in rows, and what it keeps in memory only. */
  readonly abandons = new Map<string, Abandons>();
  shortages = noShortages();
  readonly #promises = new Promises();
  /** Late payments that were ever told to come again, and the units that were theirs at each event. */
  readonly promised = new Set<string>();
  readonly promisedAt: number[] = [];
  #offers = 0;

  readonly #offerPrefix: string;

  constructor(now: number, offerPrefix = "o") {
    this.now = now;
    this.#offerPrefix = offerPrefix;
  }

  execute(requests: readonly Request[]): Outcome[] {
    while (this.#needsSweepAhead(requests)) this.wake();
    const work = this.#gather(requests);
    const due = this.#due(requests);
    work.overdueUnits = this.#unitsOfDead() - sum(due.map(({ quantity }) => quantity));
    return this.#commit(work, transact(work, due, requests));
  }

  /** What the alarm does: sweeps a batch of due holds, commits what the clock has changed, serves a page of the waitlist. */
  wake(): void {
    const due = this.#dead().slice(0, SWEEP_HOLDS_MAX);
    const work = this.#gather([]);
    work.overdueUnits = this.#unitsOfDead() - sum(due.map(({ quantity }) => quantity));
    this.#commit(work, transact(work, due, []));
  }

  /** Units that late payments were told to come again for. */
  get promisedUnits(): number {
    return sum(this.#promises.at(this.now).map(({ units }) => units));
  }

  /** The line as it stands: those who wait, first come first. */
  get line(): WaitlistEntry[] {
    return [...this.entries.values()]
      .filter(({ status }) => status === "waiting")
      .sort((one, other) => one.rank - other.rank);
  }

  #gather(requests: readonly Request[]): UnitOfWork {
    const work = openUnitOfWork(this.now, this.sku);
    work.turns = this.#turns(requests);
    work.promises = this.#promises.at(this.now);
    const flat = requests.flatMap(withParts);
    for (const { key, command } of flat) {
      for (const known of [key, command.type === "settle" ? command.answer?.key : null]) {
        const answer = known ? this.#answers.get(known) : undefined;
        if (known && answer) work.answers.set(known, answer);
      }
    }
    this.#gatherNamed(work, flat);
    work.triedUnits = sum(
      [...this.reservations.values()].filter(({ attempt }) => attempt !== null).map(({ quantity }) => quantity),
    );
    this.#gatherLine(work, flat);
    for (const customer of this.#customersOf(work, flat)) {
      work.unitsByCustomer.set(customer, this.#unitsOf(customer));
    }
    return work;
  }

  #turns(requests: readonly Request[]): Turns {
    const asking = requests
      .flatMap(withParts)
      .flatMap(({ command }) => ("customer" in command ? [command.customer] : []));
    const known = [...this.reservations.values(), ...this.entries.values()].map(({ customer }) => customer);
    const abandons = new Map([...asking, ...known].map((customer) => [customer, this.abandons.get(customer) ?? null]));
    return { ...openTurns(this.shortages), abandons };
  }

  #gatherNamed(work: UnitOfWork, flat: readonly Request[]): void {
    const { entries, entryOf } = work.waitlist;
    const ids = flat.flatMap(({ command }) => namedBy(command));
    for (const { outcome } of work.answers.values()) ids.push(...triesIn(outcome));
    for (const { command } of flat) {
      const entry = command.type === "leave" ? this.entries.get(command.entry) : undefined;
      if (entry) entries.set(entry.id, entry);
      ids.push(...this.#offerLeftBy(command));
      const active = command.type === "join" ? this.#activeEntryOf(command.customer) : undefined;
      if (active) {
        entries.set(active.id, active);
        entryOf.set(active.customer, active.id);
      }
    }
    for (const id of ids) {
      const named = this.reservations.get(id);
      if (named) work.reservations.set(id, named);
    }
    this.#gatherClaims(work, flat);
    for (const { entry } of [...work.reservations.values(), ...this.#dead()]) {
      const offered = entry === null ? undefined : this.entries.get(entry);
      if (offered) entries.set(offered.id, offered);
    }
  }

  #gatherClaims(work: UnitOfWork, flat: readonly Request[]): void {
    for (const { command } of flat) {
      const named = "id" in command ? this.reservations.get(command.id) : undefined;
      if (named && needsClaims(command, named, this.now)) work.claimants.add(named.customer);
    }
    for (const one of [...work.reservations.values(), ...this.#dead()]) {
      if (one.attempt?.purpose === "rescue") work.claimants.add(one.customer);
    }
    for (const one of this.reservations.values()) {
      if (one.status === "held" && work.claimants.has(one.customer)) work.reservations.set(one.id, one);
    }
  }

  #gatherLine(work: UnitOfWork, flat: readonly Request[]): void {
    if (this.sku === null || this.sku.waiting === 0) return;
    const isOver = isWaitlistOver(this.sku, this.now);
    const { stock, held, sold } = this.sku;
    const freed = flat.map(({ command }) => (command.type === "adjust" ? Math.max(0, command.delta) : 0));
    const named = [...work.reservations.values()].map(({ quantity }) => quantity);
    const units = stock - held - sold + this.#unitsOfDead() + sum(freed) + sum(named);
    const fitting = this.line.filter(
      ({ quantity, reservation }) => reservation === null && (isOver || quantity <= units),
    );
    const page = fitting.slice(0, SERVE_ENTRIES_MAX);
    for (const entry of page) work.waitlist.entries.set(entry.id, entry);
    work.waitlist.line = page.map(({ id }) => {
      this.#offers += 1;
      return { entry: id, offer: `${this.#offerPrefix}${this.#offers}` };
    });
    work.waitlist.more = page.length === SERVE_ENTRIES_MAX;
  }

  #offerLeftBy(command: Command): string[] {
    return command.type === "leave" ? [this.entries.get(command.entry)?.reservation ?? []].flat() : [];
  }

  #customersOf(work: UnitOfWork, flat: readonly Request[]): Set<string> {
    const customers = flat.flatMap(({ command }) =>
      command.type === "reserve" || command.type === "join" ? [command.customer] : [],
    );
    const named = [...work.reservations.values()].map(({ customer }) => customer);
    const waiting = work.waitlist.line.flatMap(({ entry }) => work.waitlist.entries.get(entry)?.customer ?? []);
    return new Set([...customers, ...named, ...waiting]);
  }

  #activeEntryOf(customer: string): WaitlistEntry | undefined {
    return [...this.entries.values()].find(
      (entry) => entry.customer === customer && (entry.status === "waiting" || entry.status === "offered"),
    );
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

  /** As few as the requests need, so that what is left unswept is tested too; all of them where people wait for units. */
  #due(requests: readonly Request[]): Reservation[] {
    const flat = requests.flatMap(withParts);
    const named = new Set(flat.flatMap(({ command }) => [...namedBy(command), ...this.#offerLeftBy(command)]));
    let missing = (this.sku?.waiting ?? 0) > 0 ? Number.POSITIVE_INFINITY : this.#missing(requests);
    let room = SWEEP_HOLDS_MAX;
    return this.#dead().filter(({ id, quantity }) => {
      if (!named.has(id) && (missing <= 0 || room <= 0)) return false;
      missing -= quantity;
      room -= 1;
      return true;
    });
  }

  #commit(work: UnitOfWork, outcomes: Outcome[]): Outcome[] {
    this.sku = work.sku;
    this.#promises.take(work);
    for (const { id } of work.newPromises) this.promised.add(id);
    const units = sum([...work.promises, ...work.newPromises].map((one) => one.units));
    for (const _event of work.events) this.promisedAt.push(units);
    this.events.push(...work.events);
    for (const id of work.removedReservations) this.reservations.delete(id);
    for (const id of work.changedReservations) {
      const changed = work.reservations.get(id);
      if (changed) this.reservations.set(id, changed);
      else if (!work.removedReservations.has(id)) throw new Error("a transaction named what it did not leave");
    }
    for (const id of work.waitlist.changed) this.entries.set(id, present(work.waitlist.entries.get(id)));
    for (const customer of work.turns.changed) {
      this.abandons.set(customer, present(work.turns.abandons.get(customer) ?? undefined));
    }
    for (const key of work.removedKeys) this.#answers.delete(key);
    for (const key of work.newKeys) this.#answers.set(key, present(work.answers.get(key)));
    return outcomes;
  }
}

function withParts(request: Request): Request[] {
  const parts: Command = request.command;
  return parts.type === "batch" ? [request, ...parts.requests] : [request];
}

/** The reservation that a command needs to know; that of a plain reserve must not be there, and is looked for as well. */
function namedBy(command: Command): string[] {
  return isReservationCommand(command) || command.type === "settle" || command.type === "reserve" ? [command.id] : [];
}

function present<Fact>(fact: Fact | undefined): Fact {
  if (fact === undefined) throw new Error("a transaction named what it did not leave");
  return fact;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
