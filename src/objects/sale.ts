import { RECORD_GRACE_MS } from "../domain/bounds.ts";
import { nextPhaseAt } from "../domain/clock.ts";
import type { Outcome, Request } from "../domain/command.ts";
import { type Ledger, openLedger, viewSku } from "../domain/ledger.ts";
import type { Sku, SkuEvent, SkuView } from "../domain/model.ts";
import { phaseAt } from "../domain/stock.ts";
import { transact } from "../domain/transaction.ts";
import { migrate, SKU_SCHEMA, schemaVersion } from "../storage/sku-schema.ts";
import { SkuStore } from "../storage/sku-store.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import { gather } from "./gather.ts";

/** What one transaction committed, for those who watch. */
export interface Commit {
  view: SkuView;
  events: SkuEvent[];
}

/** Gather, decide, apply: the transactions of one SKU, each a single synchronous function over its storage. */
export class Sale {
  readonly #storage: DurableObjectStorage;
  readonly #alarm: AlarmClock;
  readonly #onCommit: (commit: Commit) => void;
  #store: SkuStore | null = null;

  constructor(storage: DurableObjectStorage, alarm: AlarmClock, onCommit: (commit: Commit) => void) {
    this.#storage = storage;
    this.#alarm = alarm;
    this.#onCommit = onCommit;
    const version = schemaVersion(storage.sql);
    if (version === 0) return;
    if (version !== SKU_SCHEMA.length) storage.transactionSync(() => migrate(storage.sql, Date.now()));
    this.#store = new SkuStore(storage.sql);
  }

  /** The rows of the SKU, or null as long as none was created here. */
  get store(): SkuStore | null {
    return this.#store;
  }

  /** Judges requests in one transaction. Where they need units that sit in more dead holds than one sweep takes, sweeps go ahead. */
  execute(requests: readonly Request[]): Outcome[] {
    for (;;) {
      const outcomes = this.#transaction(requests);
      if (outcomes !== null) return outcomes;
    }
  }

  /** Commits what the clock has changed, one bounded sweep; returns whether more is due. */
  sweep(): boolean {
    const store = this.#store;
    if (store === null || !this.#read(store).clockMoved) return false;
    this.#transaction([]);
    return this.#read(store).clockMoved;
  }

  /** The SKU as it stands now, clock included; null when there is none. */
  look(): { view: SkuView; now: number } | null {
    const store = this.#store;
    if (store === null) return null;
    let read = this.#read(store);
    if (read.clockMoved) {
      this.#transaction([]);
      read = this.#read(store);
    }
    const ledger = openLedger(read.now, read.sku);
    if (read.clockMoved) ledger.overdueUnits = store.overdueUnits(ledger.now);
    return { view: viewSku(ledger), now: ledger.now };
  }

  #read(store: SkuStore): { sku: Sku; now: number; clockMoved: boolean } {
    const sku = store.sku();
    const now = Math.max(Date.now(), sku.updatedAt);
    const clockMoved =
      (store.nextExpiryAt() ?? Number.POSITIVE_INFINITY) <= now || phaseAt(sku.policy, now) !== sku.phase;
    return { sku, now, clockMoved };
  }

  /** One transaction; null when it only swept because the requests need more than a sweep frees. */
  #transaction(requests: readonly Request[]): Outcome[] | null {
    let commit: Commit | null = null;
    let outcomes: Outcome[] | null = null;
    const armedAt = this.#alarm.armedAt;
    try {
      this.#storage.transactionSync(() => {
        const { ledger, due, sweepFirst } = this.#store
          ? gather(this.#store, Date.now(), requests)
          : { ledger: openLedger(Date.now(), null), due: [], sweepFirst: false };
        const judged = transact(ledger, due, sweepFirst ? [] : requests);
        if (!sweepFirst) outcomes = judged;
        if (ledger.events.length === 0) return;
        this.#write(ledger);
        commit = { view: viewSku(ledger), events: ledger.events };
      });
    } catch (error) {
      this.#alarm.rolledBack(armedAt);
      throw error;
    }
    if (this.#store === null && commit !== null) this.#store = new SkuStore(this.#storage.sql);
    if (commit !== null) this.#onCommit(commit);
    return outcomes;
  }

  #write(ledger: Ledger): void {
    const sku = ledger.sku;
    if (sku === null) throw new Error("something was decided about a SKU that does not exist");
    if (this.#store === null) migrate(this.#storage.sql, ledger.now);
    const store = this.#store ?? new SkuStore(this.#storage.sql);
    store.saveSku(sku);
    for (const id of ledger.changedReservations) {
      const reservation = ledger.reservations.get(id);
      if (reservation === undefined) continue;
      if (ledger.newReservations.has(id)) store.addReservation(reservation);
      else store.saveReservation(reservation);
    }
    for (const event of ledger.events) store.addEvent(event);
    for (const key of ledger.newKeys) {
      const answer = ledger.answers.get(key);
      if (answer) store.addAnswer(key, answer, sku.version, ledger.now);
    }
    this.#alarm.ensure(firstDeadline(ledger, sku), ledger.now);
  }
}

/** The first thing that this transaction leaves to be done later: a hold's warning or end, opening or closing, the record. */
function firstDeadline(ledger: Ledger, sku: Sku): number {
  let deadline = ledger.now + RECORD_GRACE_MS;
  const phaseChange = nextPhaseAt(sku.policy, ledger.now);
  if (phaseChange !== null) deadline = Math.min(deadline, phaseChange);
  for (const id of ledger.changedReservations) {
    const reservation = ledger.reservations.get(id);
    if (reservation?.status !== "held") continue;
    const warnAt = reservation.expiresAt - sku.policy.warnSeconds * 1000;
    deadline = Math.min(deadline, warnAt > ledger.now ? warnAt : reservation.expiresAt);
  }
  return deadline;
}
