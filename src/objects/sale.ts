import { ALARM_AHEAD_MS_MIN, QUANTITY_MAX, RECORD_GRACE_MS } from "../domain/bounds.ts";
import { nextWakeAt } from "../domain/clock.ts";
import type { Outcome, Request } from "../domain/command.ts";
import { type Ledger, openLedger, type Promised, viewSku } from "../domain/ledger.ts";
import type { Sku, SkuEvent, SkuView } from "../domain/model.ts";
import { Promises } from "../domain/promises.ts";
import { isWaitlistOver, phaseAt, saleState, saleTerms } from "../domain/stock.ts";
import { transact } from "../domain/transaction.ts";
import { isTurnOf, noShortages, openTurns } from "../domain/turns.ts";
import { AbandonStore } from "../storage/abandon-store.ts";
import { AnswerStore } from "../storage/answer-store.ts";
import { migrate, SKU_SCHEMA, schemaVersion } from "../storage/sku-schema.ts";
import { SkuStore } from "../storage/sku-store.ts";
import { WaitlistStore } from "../storage/waitlist-store.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import { gather, type Stores } from "./gather.ts";

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
  readonly #promises = new Promises();
  #stores: Stores | null = null;

  constructor(storage: DurableObjectStorage, alarm: AlarmClock, onCommit: (commit: Commit) => void) {
    this.#storage = storage;
    this.#alarm = alarm;
    this.#onCommit = onCommit;
    const version = schemaVersion(storage.sql);
    if (version === 0) return;
    if (version !== SKU_SCHEMA.length) storage.transactionSync(() => migrate(storage.sql, Date.now()));
    this.#stores = storesOf(storage.sql);
  }

  /** The rows of the SKU, or null as long as none was created here. */
  get store(): SkuStore | null {
    return this.#stores?.sku ?? null;
  }

  /** The SKU, which was created here. */
  get sku(): Sku {
    if (this.#stores === null) throw new Error("there is no SKU");
    return this.#stores.sku.sku();
  }

  /** The waitlist of the SKU, or null as long as none was created here. */
  get waitlist(): WaitlistStore | null {
    return this.#stores?.waitlist ?? null;
  }

  /** Whether a customer may reserve now, or has to let others go first. */
  isTurnOf(customer: string, now: number): boolean {
    if (this.#stores === null) return true;
    const { sku: store, abandons, shortages } = this.#stores;
    const turns = { ...openTurns(shortages), abandons: abandons.of([customer]) };
    return isTurnOf(turns, store.sku().policy, customer, now);
  }

  /** Judges requests in one transaction. Where they need units that sit in more dead holds than one sweep takes, sweeps go ahead. */
  execute(requests: readonly Request[]): Outcome[] {
    for (;;) {
      const outcomes = this.#transaction(requests);
      if (outcomes !== null) return outcomes;
    }
  }

  /** Commits what the clock has changed and serves the waitlist, one bounded portion; returns whether more is due. */
  sweep(): boolean {
    const stores = this.#stores;
    if (stores === null || !this.#read(stores).isDue) return false;
    this.#transaction([]);
    return this.#read(stores).isDue;
  }

  /** The SKU as it stands now, clock included; null when there is none. */
  look(): { view: SkuView; now: number } | null {
    const stores = this.#stores;
    if (stores === null) return null;
    let read = this.#read(stores);
    if (read.isDue) {
      this.#transaction([]);
      read = this.#read(stores);
    }
    const ledger = openLedger(read.now, read.sku);
    if (read.isDue) ledger.overdueUnits = stores.sku.overdueUnits(ledger.now);
    return { view: viewSku(ledger), now: ledger.now };
  }

  /** The SKU as it was committed, and whether the clock or the waitlist asks for a transaction. */
  #read({ sku: store, waitlist }: Stores): { sku: Sku; now: number; isDue: boolean } {
    const sku = store.sku();
    const now = Date.now();
    const isDue =
      (store.nextExpiryAt() ?? Number.POSITIVE_INFINITY) <= now ||
      phaseAt(saleTerms(sku), now) !== sku.phase ||
      isUnserved(sku, now, waitlist, this.#promises.at(now));
    return { sku, now, isDue };
  }

  /** One transaction; null when it only swept because the requests need more than a sweep frees. */
  #transaction(requests: readonly Request[]): Outcome[] | null {
    let commit: Commit | null = null;
    let outcomes: Outcome[] | null = null;
    let decided: Ledger | null = null;
    this.#alarm.transaction(() => {
      const { ledger, due, sweepFirst } = this.#stores
        ? gather(this.#stores, Date.now(), requests)
        : { ledger: openLedger(Date.now(), null), due: [], sweepFirst: false };
      ledger.promises = this.#promises.at(ledger.now);
      const judged = transact(ledger, due, sweepFirst ? [] : requests);
      if (!sweepFirst) outcomes = judged;
      decided = ledger;
      if (ledger.events.length === 0) return;
      this.#write(ledger);
      commit = { view: viewSku(ledger), events: ledger.events };
    });
    if (decided !== null) this.#promises.take(decided);
    if (this.#stores === null && commit !== null) this.#stores = storesOf(this.#storage.sql);
    if (commit !== null) this.#onCommit(commit);
    return outcomes;
  }

  #write(ledger: Ledger): void {
    const sku = ledger.sku;
    if (sku === null) throw new Error("something was decided about a SKU that does not exist");
    if (this.#stores === null) migrate(this.#storage.sql, ledger.now);
    const stores = this.#stores ?? storesOf(this.#storage.sql);
    stores.sku.saveSku(sku);
    writeReservations(ledger, stores);
    for (const event of ledger.events) stores.sku.addEvent(event);
    for (const key of ledger.removedKeys) stores.answers.remove(key);
    for (const key of ledger.newKeys) {
      const answer = ledger.answers.get(key);
      if (answer) stores.answers.save(key, answer, sku.version, ledger.now);
    }
    writeEntries(ledger, stores);
    for (const customer of ledger.turns.changed) {
      const abandons = ledger.turns.abandons.get(customer);
      if (abandons) stores.abandons.save(customer, abandons);
    }
    this.#alarm.ensure(firstDeadline(ledger, sku), ledger.now);
    const { endsAt } = this.#promises;
    if (endsAt !== null && sku.waiting > 0) this.#alarm.ensure(endsAt, ledger.now);
  }
}

function storesOf(sql: SqlStorage): Stores {
  return {
    sku: new SkuStore(sql),
    waitlist: new WaitlistStore(sql),
    answers: new AnswerStore(sql),
    abandons: new AbandonStore(sql),
    shortages: noShortages(),
  };
}

/** A try that came and went within the transaction was never written, and needs no removing. */
function writeReservations(ledger: Ledger, { sku: store }: Stores): void {
  for (const id of ledger.removedReservations) if (!ledger.newReservations.has(id)) store.removeReservation(id);
  for (const id of ledger.changedReservations) {
    const reservation = ledger.reservations.get(id);
    if (reservation === undefined) continue;
    if (ledger.newReservations.has(id)) store.addReservation(reservation);
    else store.saveReservation(reservation);
  }
}

/** Those that end go first: a customer has one active entry at a time, and may leave and join again in one transaction. */
function writeEntries({ waitlist: { changed, added, entries } }: Ledger, { waitlist: store }: Stores): void {
  const written = [...changed].flatMap((id) => entries.get(id) ?? []);
  for (const entry of written) if (!added.has(entry.id)) store.save(entry);
  for (const entry of written) if (added.has(entry.id)) store.add(entry);
}

/** Whether somebody waits who could be served, or sent home because the sale is over. */
function isUnserved(sku: Sku, now: number, waitlist: WaitlistStore, promises: readonly Promised[]): boolean {
  if (sku.waiting === 0) return false;
  const isOver = isWaitlistOver(sku, now);
  if (!isOver && saleState(sku, now, 0) !== "open") return false;
  const promised = promises.reduce((sum, { units }) => sum + units, 0);
  const units = isOver ? QUANTITY_MAX : sku.stock - sku.held - sku.sold - promised;
  return units > 0 && waitlist.line(sku.sku, units, 1).length > 0;
}

/** The first thing that this transaction leaves to be done later: a hold's warning or end, opening or closing, the record. */
function firstDeadline(ledger: Ledger, sku: Sku): number {
  if (ledger.waitlist.more) return ledger.now + ALARM_AHEAD_MS_MIN;
  let deadline = ledger.now + RECORD_GRACE_MS;
  const wakeAt = nextWakeAt(sku, ledger.now);
  if (wakeAt !== null) deadline = Math.min(deadline, wakeAt);
  for (const id of ledger.changedReservations) {
    const reservation = ledger.reservations.get(id);
    if (reservation?.status !== "held") continue;
    const warnAt = reservation.expiresAt - sku.policy.warnSeconds * 1000;
    deadline = Math.min(deadline, warnAt > ledger.now ? warnAt : reservation.expiresAt);
  }
  return deadline;
}
