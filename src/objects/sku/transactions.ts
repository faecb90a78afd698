import { uuidv7 } from "uuidv7";
import { ALARM_AHEAD_MS_MIN, QUANTITY_MAX, RECORD_GRACE_MS, SWEEP_HOLDS_MAX } from "../../domain/bounds.ts";
import { nextWakeAt } from "../../domain/clock.ts";
import type { Outcome, Request } from "../../domain/command.ts";
import type { Sku, SkuEvent, SkuView } from "../../domain/model.ts";
import { Promises } from "../../domain/promises.ts";
import { isWaitlistOver, phaseAt, saleState, saleTerms } from "../../domain/stock.ts";
import { transact } from "../../domain/transaction.ts";
import { isTurnOf, openTurns } from "../../domain/turns.ts";
import { openUnitOfWork, type Promised, skuOf, type UnitOfWork, viewSku } from "../../domain/unit-of-work.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { gather, type Outside } from "./gather.ts";
import type { StoreHost, Stores } from "./stores.ts";
import { writeWork } from "./write-work.ts";

/** What one transaction committed. */
export interface Commit {
  view: SkuView;
  events: SkuEvent[];
}

/** Gather, decide, apply: the transactions of one SKU, each a single synchronous function over its storage. */
export class Transactions {
  readonly #host: StoreHost;
  readonly #alarm: Pick<AlarmClock, "transaction" | "ensure">;
  readonly #onCommit: (commit: Commit) => void;
  readonly #outside: Outside;
  readonly #promises: Promises;
  #stores: Stores | null;
  /** The last transaction released as many dead holds as one does, so that more may be due. */
  #isSweepFull = false;

  constructor(
    host: StoreHost,
    alarm: Pick<AlarmClock, "transaction" | "ensure">,
    onCommit: (commit: Commit) => void,
    outside: Outside = { now: () => Date.now(), newId: uuidv7 },
    promises = new Promises(),
  ) {
    this.#host = host;
    this.#alarm = alarm;
    this.#onCommit = onCommit;
    this.#outside = outside;
    this.#promises = promises;
    this.#stores = host.open();
  }

  /** The rows of the SKU, or null if none was created here. */
  get store(): Stores["sku"] | null {
    return this.#stores?.sku ?? null;
  }

  /** The SKU; throws if none was created here. */
  get sku(): Sku {
    if (this.#stores === null) throw new Error("there is no SKU");
    return this.#stores.sku.sku();
  }

  /** The waitlist of the SKU, or null if none was created here. */
  get waitlist(): Stores["waitlist"] | null {
    return this.#stores?.waitlist ?? null;
  }

  /** Whether a customer may reserve now, or other customers go first. */
  isTurnOf(customer: string, now: number): boolean {
    if (this.#stores === null) return true;
    const { sku: store, abandons, shortages } = this.#stores;
    const turns = { ...openTurns(shortages), abandons: abandons.of([customer]) };
    return isTurnOf(turns, store.sku().policy, customer, now);
  }

  /** Executes requests in one transaction. If they need units in more dead holds than one sweep releases, sweeps run first. */
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

  /** Sweeps again if the last transaction left dead holds; returns whether more are due. Costs nothing if it did not. */
  sweepOn(): boolean {
    if (this.#isSweepFull) this.#transaction([]);
    return this.#isSweepFull;
  }

  /** The SKU at the current clock; null if there is none. */
  look(): { view: SkuView; now: number } | null {
    const stores = this.#stores;
    if (stores === null) return null;
    let read = this.#read(stores);
    if (read.isDue) {
      this.#transaction([]);
      read = this.#read(stores);
    }
    const work = openUnitOfWork(read.now, read.sku);
    if (read.isDue) work.overdueUnits = stores.sku.overdueUnits(work.now);
    return { view: viewSku(work), now: work.now };
  }

  /** The SKU as committed, and whether the clock or the waitlist requires a transaction. */
  #read({ sku: store, waitlist }: Stores): { sku: Sku; now: number; isDue: boolean } {
    const sku = store.sku();
    const now = this.#outside.now();
    const isDue =
      (store.nextExpiryAt() ?? Number.POSITIVE_INFINITY) <= now ||
      phaseAt(saleTerms(sku), now) !== sku.phase ||
      isUnserved(sku, now, waitlist, this.#promises.at(now));
    return { sku, now, isDue };
  }

  /** One transaction; null if it only swept, because the requests need more than one sweep releases. */
  #transaction(requests: readonly Request[]): Outcome[] | null {
    let commit: Commit | null = null;
    let outcomes: Outcome[] | null = null;
    let decided: UnitOfWork | null = null;
    this.#alarm.transaction(() => {
      const { work, due, sweepFirst } = this.#stores
        ? gather(this.#stores, this.#outside, requests)
        : { work: openUnitOfWork(this.#outside.now(), null), due: [], sweepFirst: false };
      this.#isSweepFull = due.length >= (this.#outside.sweepMax ?? SWEEP_HOLDS_MAX);
      work.promises = this.#promises.at(work.now);
      const judged = transact(work, due, sweepFirst ? [] : requests);
      if (!sweepFirst) outcomes = judged;
      decided = work;
      if (work.events.length === 0) return;
      this.#write(work);
      commit = { view: viewSku(work), events: work.events };
    });
    if (decided !== null) this.#promises.take(decided);
    if (commit !== null) this.#stores ??= this.#host.open();
    if (commit !== null) this.#onCommit(commit);
    return outcomes;
  }

  #write(work: UnitOfWork): void {
    const sku = skuOf(work);
    writeWork(this.#stores ?? this.#host.create(work.now), work);
    this.#alarm.ensure(firstDeadline(work, sku), work.now);
    const { endsAt } = this.#promises;
    if (endsAt !== null && sku.waiting > 0) this.#alarm.ensure(endsAt, work.now);
  }
}

/** Whether an entry could be served, or ended because the sale is over. */
function isUnserved(sku: Sku, now: number, waitlist: Stores["waitlist"], promises: readonly Promised[]): boolean {
  if (sku.waiting === 0) return false;
  const isOver = isWaitlistOver(sku, now);
  if (!isOver && saleState(sku, now, 0) !== "open") return false;
  const promised = promises.reduce((sum, { units }) => sum + units, 0);
  const units = isOver ? QUANTITY_MAX : sku.stock - sku.held - sku.sold - promised;
  return units > 0 && waitlist.line(sku.sku, units, 1).length > 0;
}

/** The next deadline after this transaction: a hold's warning or end, opening or closing, a check of the record. */
function firstDeadline(work: UnitOfWork, sku: Sku): number {
  if (work.waitlist.more) return work.now + ALARM_AHEAD_MS_MIN;
  let deadline = work.now + RECORD_GRACE_MS;
  const wakeAt = nextWakeAt(sku, work.now);
  if (wakeAt !== null) deadline = Math.min(deadline, wakeAt);
  for (const id of work.changedReservations) {
    const reservation = work.reservations.get(id);
    if (reservation?.status !== "held") continue;
    const warnAt = reservation.expiresAt - sku.policy.warnSeconds * 1000;
    deadline = Math.min(deadline, warnAt > work.now ? warnAt : reservation.expiresAt);
  }
  return deadline;
}
