import {
  ALARM_AHEAD_MS_MIN,
  ALARM_SWEEPS_MAX,
  KEY_KEPT_MS,
  RECORD_GRACE_MS,
  RETENTION_MARGIN_MS,
  RETENTION_ROWS_MAX,
  SWEEP_HOLDS_MAX,
} from "../../domain/bounds.ts";
import { nextWakeAt } from "../../domain/clock.ts";
import type { Policy, SkuView } from "../../domain/model.ts";
import type { SkuFeed } from "../../live/sku-feed.ts";
import { Outbox, type OutboxBatch } from "../../storage/outbox.ts";
import type { OutboxDrains } from "../shared/outbox-drains.ts";
import type { Timers } from "../shared/timers.ts";
import type { PeerNotices } from "./peer-notices.ts";
import type { Stores } from "./stores.ts";
import type { Transactions } from "./transactions.ts";

/** The alarm handler of a SKU object: everything that time makes due, each in bounded portions. */
export class SkuAlarm {
  readonly #transactions: Transactions;
  readonly #feed: SkuFeed;
  readonly #drains: OutboxDrains<OutboxBatch>;
  readonly #peerNotices: PeerNotices;
  readonly #outbox: Outbox;
  /** Saves work only: sockets remember their warnings, and new holds are checked when they are made. */
  #warnedUntil = 0;
  readonly #background: (work: Promise<void>) => void;
  readonly #committed: () => Promise<void>;
  readonly #timers: Timers;

  constructor(
    ctx: DurableObjectState,
    timers: Timers,
    transactions: Transactions,
    feed: SkuFeed,
    drains: OutboxDrains<OutboxBatch>,
    peerNotices: PeerNotices,
  ) {
    this.#timers = timers;
    this.#peerNotices = peerNotices;
    this.#transactions = transactions;
    this.#feed = feed;
    this.#drains = drains;
    this.#outbox = new Outbox(ctx.storage.sql);
    this.#background = (work) => ctx.waitUntil(work);
    this.#committed = () => ctx.storage.sync();
  }

  /** Runs what is due and returns when to ring next, or null if nothing is left to wait for. */
  async run(): Promise<number | null> {
    let moreIsDue = true;
    for (let sweeps = 0; moreIsDue && sweeps < ALARM_SWEEPS_MAX; sweeps++) {
      moreIsDue = this.#transactions.sweep();
      if (!moreIsDue) break;
      await this.#committed();
      // The runtime may read no calls while the disk writes. They get their turn now.
      await this.#timers.pause(0);
    }
    const scene = this.#transactions.look();
    const store = this.#transactions.store;
    if (scene === null || store === null) return null;
    const { view, now } = scene;

    const moreToWarn = this.#feed.hasHolders && this.#warn(store, view, now);
    const tokenExpiresAt = this.#feed.closeExpired(now);
    const { recorded, announced } = this.#drains;
    this.#outbox.saveProgress(recorded, this.#peerNotices.told, announced);
    const retired = store.retire(now - keptMs(view.policy), Math.min(recorded, this.#peerNotices.told), now);
    this.#background(this.#drains.kick());
    this.#background(this.#peerNotices.kick());
    this.#background(this.#peerNotices.ask(now));
    if (moreIsDue || moreToWarn || retired === RETENTION_ROWS_MAX) return now + ALARM_AHEAD_MS_MIN;
    return this.#nextDeadline(store, now, tokenExpiresAt);
  }

  /** When to ring at the latest; null if nothing is left to wait for. */
  nextAt(now: number): number | null {
    const store = this.#transactions.store;
    return store === null ? null : this.#nextDeadline(store, now, this.#feed.closeExpired(now));
  }

  /** Warns of the holds that have come within `warnSeconds` of their end since the last time; returns whether more are left. */
  #warn(store: Stores["sku"], view: SkuView, now: number): boolean {
    const until = now + view.policy.warnSeconds * 1000;
    // If the clock was further ahead, other holds were warned about than are due now.
    const from = this.#warnedUntil > until ? now : Math.max(now, this.#warnedUntil);
    const holds = store.holdsExpiringIn(view.sku, from, until, SWEEP_HOLDS_MAX);
    this.#feed.warn(holds, view, now);
    const last = holds.at(-1);
    const full = holds.length === SWEEP_HOLDS_MAX && last !== undefined;
    // The page may have cut off holds that end in the same millisecond: look at that millisecond again.
    this.#warnedUntil = full ? Math.max(last.expiresAt - 1, (holds[0]?.expiresAt ?? 0) + 1) : until;
    return full;
  }

  #nextDeadline(store: Stores["sku"], now: number, tokenExpiresAt: number | null): number | null {
    const sku = store.sku();
    const deadlines = [store.nextExpiryAt(), nextWakeAt(sku, now), tokenExpiresAt, this.#peerNotices.nextAskAt(now)];
    if (this.#peerNotices.told < sku.version) deadlines.push(this.#peerNotices.retryAt ?? now + RECORD_GRACE_MS);
    if (this.#feed.hasHolders) {
      const warnMs = sku.policy.warnSeconds * 1000;
      const nextToWarn = store.nextExpiryAt(now + warnMs);
      deadlines.push(nextToWarn === null ? null : nextToWarn - warnMs);
    }
    deadlines.push(this.#drains.nextAt(sku.version, now));
    if (this.#drains.recorded >= sku.version) {
      const oldest = store.oldestEventAt();
      deadlines.push(oldest === null ? null : Math.min(oldest, now) + keptMs(sku.policy) + 1);
    }
    const known = deadlines.filter((deadline): deadline is number => deadline !== null);
    return known.length === 0 ? null : Math.max(Math.min(...known), now + ALARM_AHEAD_MS_MIN);
  }
}

/** How long events, keys and ended reservations are kept: past the last moment at which a payment could be rescued. */
function keptMs(policy: Policy): number {
  return policy.lateConfirmSeconds * 1000 + KEY_KEPT_MS + RETENTION_MARGIN_MS;
}
