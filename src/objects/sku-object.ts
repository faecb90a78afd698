import { retryable } from "cloudflare:durable-objects";
import { DurableObject } from "cloudflare:workers";
import { ALARM_RETRY_MS } from "../domain/bounds.ts";
import type { Actor, Outcome, Request as SkuRequest } from "../domain/command.ts";
import { isOwn } from "../domain/judge.ts";
import type { Reservation, SkuView } from "../domain/model.ts";
import { isDead } from "../domain/stock.ts";
import type { Recorder } from "../events/recorder.ts";
import { Feed } from "../live/feed.ts";
import type { OutboxBatch } from "../storage/outbox.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { Chores } from "./chores.ts";
import { d1Recorder } from "./d1-recorder.ts";
import { GroupCommit } from "./group-commit.ts";
import { type Commit, Sale } from "./sale.ts";
import { type Count, Tally } from "./tally.ts";

/** Where an outcome is safe: in the object always, in D1 as well when it got there in time. */
export type Recorded = "d1" | "object";

export interface Executed {
  outcomes: Outcome[];
  recorded: Recorded;
}

/** What one customer has of this SKU, dead holds left out. */
export interface Own {
  view: SkuView;
  units: number;
  reservations: Reservation[];
}

/** How the object is doing. */
export interface Health {
  view: SkuView;
  unrecordedEvents: number;
  /** Age of the oldest event that D1 does not have, 0 when it has all. */
  recordLagMs: number;
  watchers: number;
  counts: Count[];
}

/** One SKU, one thread: the only place that decides who holds what. A shell around `Sale`; everything in memory is a cache. */
export class SkuObject extends DurableObject<Env> {
  // Every request carries a key, so that a call that was cut off can be made again by the platform.
  static {
    retryable(SkuObject.prototype.execute);
  }

  readonly #alarm: AlarmClock;
  readonly #sale: Sale;
  readonly #group: GroupCommit;
  readonly #recorder: Recorder<OutboxBatch>;
  readonly #feed: Feed;
  readonly #chores: Chores;
  readonly #tally = new Tally();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#feed = new Feed(ctx);
    this.#alarm = new AlarmClock(ctx.storage);
    this.#sale = new Sale(ctx.storage, this.#alarm, (commit) => this.#committed(commit));
    this.#group = new GroupCommit((requests) => this.#sale.execute(requests));
    this.#recorder = d1Recorder(ctx, env.DB, this.#sale, this.#alarm);
    this.#chores = new Chores(ctx, this.#sale, this.#feed, this.#recorder);
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore());
  }

  /** The one write entry: judges requests in order, and waits up to `waitMs` for D1 to have what they changed. */
  async execute(requests: SkuRequest[], waitMs: number): Promise<Executed> {
    const outcomes = await this.#group.submit(requests);
    this.#tally.add(requests, outcomes);
    const newest = () => this.#sale.store?.sku().version ?? 0;
    const version = Math.max(0, ...outcomes.map((outcome) => versionOf(outcome, newest)));
    // After a wake nobody has started it yet: a repeated call may wait for what was committed before.
    if (this.#recorder.recorded < version) this.ctx.waitUntil(this.#recorder.kick());
    const recorded = await this.#recorder.reached(version, waitMs);
    return { outcomes, recorded: recorded ? "d1" : "object" };
  }

  /** The SKU as it stands now, or null. */
  async look(): Promise<SkuView | null> {
    return this.#look()?.view ?? null;
  }

  /** A reservation as it stands now; null when there is none, or none that this caller may see. */
  async find(id: string, actor: Actor): Promise<Reservation | null> {
    const scene = this.#look();
    if (scene === null) return null;
    const reservation = this.#sale.store?.reservations(scene.view.sku, [id])[0];
    if (reservation === undefined || !isOwn(actor, reservation)) return null;
    return isDead(reservation, scene.now) ? { ...reservation, status: "expired" } : reservation;
  }

  /** What a customer has of this SKU, or null when there is no SKU. */
  async own(customer: string): Promise<Own | null> {
    const scene = this.#look();
    const store = this.#sale.store;
    if (scene === null || store === null) return null;
    return {
      view: scene.view,
      units: store.liveUnits([customer], scene.now).get(customer) ?? 0,
      reservations: store.ownReservations(scene.view.sku, customer, scene.now),
    };
  }

  /** How the object is doing, or null when there is no SKU. */
  async health(): Promise<Health | null> {
    const scene = this.#look();
    const store = this.#sale.store;
    if (scene === null || store === null) return null;
    const oldest = store.eventAt(this.#recorder.recorded + 1);
    return {
      view: scene.view,
      unrecordedEvents: scene.view.version - this.#recorder.recorded,
      recordLagMs: oldest === null ? 0 : Math.max(0, scene.now - oldest),
      watchers: this.#feed.size,
      counts: this.#tally.counts(),
    };
  }

  /** Upgrades to the live feed. Only the Worker calls this, with the watcher it has verified. */
  override async fetch(request: Request): Promise<Response> {
    const scene = this.#look();
    if (scene === null) return new Response(null, { status: 404 });
    const { view, now } = scene;
    const response = this.#feed.join(request, {
      view,
      now,
      reservationsOf: (customer) => this.#sale.store?.ownReservations(view.sku, customer, now) ?? [],
    });
    const next = this.#chores.afterJoin(now);
    if (next !== null) this.#alarm.ensure(next, now);
    return response;
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    try {
      const next = await this.#chores.run();
      if (next !== null) this.#alarm.set(next);
    } catch (error) {
      // The platform gives an alarm up after six failures; this one is never given up.
      console.error(JSON.stringify({ event: "alarm-failed", error: String(error) }));
      this.#alarm.ensure(Date.now() + ALARM_RETRY_MS, Date.now());
    }
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#feed.receive(socket, message);
  }

  #look(): { view: SkuView; now: number } | null {
    const scene = this.#sale.look();
    if (scene !== null) this.#alarm.checkUp(scene.now);
    return scene;
  }

  #committed({ view, events }: Commit): void {
    try {
      this.#feed.publish(view, events);
    } catch (error) {
      // It is committed: whoever watches may miss a frame, whoever sells may not miss an answer.
      console.error(JSON.stringify({ event: "feed-failed", error: String(error) }));
    }
    this.ctx.waitUntil(this.#recorder.kick());
  }
}

/** The last event that an outcome stands on; a refusal stands on none, except where it was written as final. */
function versionOf(outcome: Outcome, newest: () => number): number {
  if (!outcome.ok) return outcome.refusal.code === "hold-expired" && outcome.refusal.refundRequired ? newest() : 0;
  switch (outcome.type) {
    case "sku":
      return outcome.sku.version;
    case "reservation":
      return outcome.reservation.version;
    case "batch":
      return Math.max(0, ...outcome.outcomes.map((part) => versionOf(part, newest)));
  }
}
