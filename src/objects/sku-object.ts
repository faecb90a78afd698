import { retryable } from "cloudflare:durable-objects";
import type { Attendance, RelayPush } from "../contracts/live.ts";
import { type Counted, countOf } from "../domain/allowance.ts";
import { CALL_PATIENCE_MS, LIMIT_TOLD_MS, OBJECT_CALL_MS, POSITIONS_ANNOUNCED_MAX } from "../domain/bounds.ts";
import type { Actor, DropLimit, Outcome, Request as SkuRequest } from "../domain/command.ts";
import { isVisible } from "../domain/judge.ts";
import { fateOfRescue } from "../domain/lend.ts";
import type { Lender, Reservation, SkuView, WaitlistEntry } from "../domain/model.ts";
import { beforeRescue } from "../domain/rescue.ts";
import { dropLimit, isDead } from "../domain/stock.ts";
import { Feed, type Scene } from "../live/feed.ts";
import type { Place } from "../live/frames.ts";
import type { RelayScene } from "../live/relay-feed.ts";
import { answerClose, receiveFrame } from "../live/upgrade.ts";
import type { OutboxBatch } from "../storage/outbox.ts";
import { RelayStore } from "../storage/relay-store.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { AskAndSettle } from "./ask-and-settle.ts";
import { Chores } from "./chores.ts";
import { Deadline } from "./deadline.ts";
import { type Departures, skuDepartures } from "./departures.ts";
import { Errands } from "./errands.ts";
import { GroupCommit } from "./group-commit.ts";
import { lessenedAt, versionOf } from "./outcome-versions.ts";
import { Recall } from "./recall.ts";
import { Refusals } from "./refusals.ts";
import { type Commit, Sale } from "./sale.ts";
import { type Count, Tally } from "./tally.ts";
import { TimedObject } from "./timed-object.ts";
import { withinTime } from "./within-time.ts";

/** Where an outcome is safe: in the object always, in D1 as well when it got there in time. */
export type Recorded = "d1" | "object";

export interface Executed {
  outcomes: Outcome[];
  recorded: Recorded;
}

/** What one customer has of this SKU, dead holds left out. */
export interface Own {
  view: SkuView;
  /** Whether it may reserve, or has to let others go first. */
  isTurn: boolean;
  /** What it was told that it has. */
  units: number;
  /** What counts against its limit: tries as well, of which it was not told. */
  counted: number;
  /** The limit over the SKUs of a drop that a claim would have to ask about. */
  limit: DropLimit | null;
  reservations: Reservation[];
  place: Place | null;
}

/** How the object is doing. */
export interface Health {
  view: SkuView;
  unrecordedEvents: number;
  /** Age of the oldest event that D1 does not have, 0 when it has all. */
  recordLagMs: number;
  /** Events in D1 of which the queue has not been told. */
  unannouncedEvents: number;
  watchers: number;
  /** By how much the clock was ahead of what it says now when something was committed last. */
  clockAheadMs: number;
  counts: Count[];
}

/** One SKU, one thread: the only place that decides who holds what. A shell around `Sale`; everything in memory is a cache. */
export class SkuObject extends TimedObject {
  // Every request carries a key, so that a call that was cut off can be made again by the platform.
  static {
    retryable(SkuObject.prototype.execute);
  }

  readonly #alarm: AlarmClock;
  readonly #sale: Sale;
  readonly #group: GroupCommit;
  readonly #askAndSettle: AskAndSettle;
  readonly #recall: Recall;
  readonly #departures: Departures<OutboxBatch>;
  readonly #feed: Feed;
  readonly #errands: Errands;
  readonly #chores: Chores;
  readonly #relays: RelayStore;
  /** Sequence of the last event that was committed: every refusal asks for it. */
  #newest: number;
  readonly #refusals: Refusals;
  readonly #tally = new Tally((refusal) => this.#refusals.add(refusal));

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#relays = new RelayStore(ctx.storage.sql);
    this.#feed = new Feed(ctx, {
      relays: {
        names: () => (this.#sale.store === null ? [] : this.#relays.names()),
        push: (name, push) => this.#push(name, push),
        forget: (name) => this.#relays.remove(name),
      },
      front: () => this.#sale.waitlist?.front(this.#sale.store?.sku().sku ?? "", POSITIONS_ANNOUNCED_MAX) ?? [],
    });
    this.#alarm = new AlarmClock(ctx, "SKU");
    this.#sale = new Sale(ctx.storage, this.#alarm, (commit) => this.#committed(commit));
    this.#group = new GroupCommit(
      (requests) => this.#sale.execute(requests),
      () => ctx.storage.sync(),
    );
    this.#askAndSettle = new AskAndSettle(env, this.#group, this.#sale);
    this.#recall = new Recall(ctx.storage.sql, env.DB, this.#sale);
    this.#newest = this.#sale.store?.sku().version ?? 0;
    const [newest, told] = [() => this.#newest, () => this.#errands.told];
    this.#departures = skuDepartures(ctx, env, this.#sale, this.#alarm, newest, told);
    this.#refusals = new Refusals(env.DB, ctx.id.name ?? "", this.#alarm);
    this.#errands = new Errands(ctx, env, this.#sale, this.#alarm, this.#group, this.#askAndSettle);
    this.#chores = new Chores(ctx, this.#sale, this.#feed, this.#departures, this.#errands);
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore(this.#sale.store?.sku().updatedAt));
  }

  /**
   * The one write entry: judges requests in order, what a drop's limit counts after that has granted it, and waits up to
   * `waitMs` for D1 to have what they changed. Whoever gives back what a limit counts finds room by its next claim.
   */
  async execute(requests: SkuRequest[], waitMs: number, patienceMs = CALL_PATIENCE_MS): Promise<Executed> {
    if (this.#sale.store !== null) this.#alarm.noticeSetBack(Date.now());
    const deadline = new Deadline(patienceMs);
    const outcomes = await this.#recall.execute(requests, (known) => this.#askAndSettle.execute(known, deadline));
    this.#tally.add(requests, outcomes);
    if (this.#refusals.isBehind) void this.#refusals.kick();
    const version = Math.max(0, ...outcomes.map((outcome) => versionOf(outcome, this.#newest)));
    // After a wake nobody has started it yet: a repeated call may wait for what was committed before.
    if (this.#departures.recorded < version) this.ctx.waitUntil(this.#departures.kick());
    // What wrote nothing has nothing to wait for, but does not claim for D1 what it stands on either.
    const [recorded] = await Promise.all([
      this.#departures.reached(version || this.#newest, version === 0 ? 0 : waitMs),
      this.#errands.reached(lessenedAt(outcomes), LIMIT_TOLD_MS),
    ]);
    return { outcomes, recorded: recorded ? "d1" : "object" };
  }

  /** The SKU as it stands now, or null. */
  async look(): Promise<SkuView | null> {
    return this.#look()?.view ?? null;
  }

  /** A reservation as it stands now, also one that has left; null when there is none, or none that this caller may see. */
  async find(id: string, actor: Actor): Promise<Reservation | null> {
    const scene = this.#look();
    if (scene === null) return null;
    const reservation = this.#sale.store?.reservations(scene.view.sku, [id])[0] ?? (await this.#recall.find(id));
    if (reservation === null || !isVisible(actor, reservation)) return null;
    if (reservation.attempt?.purpose === "rescue") return beforeRescue(reservation);
    return isDead(reservation, scene.now) ? { ...reservation, status: "expired" } : reservation;
  }

  /** What a customer has of this SKU, or null when there is no SKU. */
  async own(customer: string): Promise<Own | null> {
    const scene = this.#look();
    const store = this.#sale.store;
    if (scene === null || store === null) return null;
    return {
      view: scene.view,
      isTurn: this.#sale.isTurnOf(customer, scene.now),
      units: store.toldUnits(customer, scene.now),
      counted: store.liveUnits([customer], scene.now).get(customer) ?? 0,
      limit: dropLimit(store.sku()),
      reservations: store.ownReservations(scene.view.sku, customer, scene.now),
      place: this.#placeOf(scene.view.sku, customer),
    };
  }

  /** A waitlist entry as it stands now; null when there is none, or none that this caller may see. */
  async findEntry(id: string, actor: Actor): Promise<Place | null> {
    const scene = this.#look();
    if (scene === null) return null;
    const entry = this.#sale.waitlist?.entries(scene.view.sku, [id])[0] ?? (await this.#recall.findEntry(id));
    if (entry === null || (actor.role === "shopper" && actor.customer !== entry.customer)) return null;
    return this.#withPosition(entry);
  }

  /** These reservations as a limit over the SKUs of a drop counts them; what is not there any more has ended. */
  async count(ids: string[]): Promise<Omit<Counted, "customer">[]> {
    const scene = this.#look();
    const store = this.#sale.store;
    if (scene === null || store === null) return [];
    const { sku, version } = scene.view;
    const found = new Map(store.reservations(sku, ids).map((reservation) => [reservation.id, countOf(reservation)]));
    return ids.map((id) => found.get(id) ?? { id, sku, units: 0, version });
  }

  /** What a claim or cart that was lent to a late payment of this SKU is to do; null: that is not decided yet. */
  async fateOfRescue(id: string, lender: Lender): Promise<"restore" | "supersede" | null> {
    const scene = this.#look();
    if (this.#askAndSettle.isRescuing(id)) return null;
    const reservation = scene === null ? undefined : this.#sale.store?.reservations(scene.view.sku, [id])[0];
    return fateOfRescue(reservation, lender);
  }

  /** Feeds a Relay from now on, and tells it how things stand, for this customer too; null when there is no SKU. */
  async watch(relay: string, customer: string | null): Promise<RelayScene | null> {
    const scene = this.#scene();
    if (scene === null) return null;
    this.#relays.add(relay);
    const shown = this.#feed.sceneFor(scene, relay, customer);
    this.#lookAfterWatchers(scene.now);
    return shown;
  }

  /** How the object is doing, or null when there is no SKU. */
  async health(): Promise<Health | null> {
    const scene = this.#look();
    const store = this.#sale.store;
    if (scene === null || store === null) return null;
    const oldest = store.eventAt(this.#departures.recorded + 1);
    return {
      view: scene.view,
      unrecordedEvents: scene.view.version - this.#departures.recorded,
      recordLagMs: oldest === null ? 0 : Math.max(0, scene.now - oldest),
      unannouncedEvents: this.#departures.recorded - this.#departures.announced,
      watchers: this.#feed.size,
      clockAheadMs: Math.max(0, scene.view.updatedAt - scene.now),
      counts: this.#tally.counts(),
    };
  }

  /** Upgrades to the live feed. Only the Worker calls this, with the watcher it has verified. */
  override async fetch(request: Request): Promise<Response> {
    const scene = this.#scene();
    if (scene === null) return new Response(null, { status: 404 });
    const response = this.#feed.join(request, scene);
    this.#lookAfterWatchers(scene.now);
    return response;
  }

  override async alarm(): Promise<void> {
    await this.#alarm.ring({}, () => this.#chores.run());
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    receiveFrame(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
  }

  #look(): { view: SkuView; now: number } | null {
    const scene = this.#sale.look();
    if (scene !== null) this.#alarm.checkUp(scene.now, () => this.#chores.nextAt(scene.now));
    return scene;
  }

  #scene(): Scene | null {
    const scene = this.#look();
    if (scene === null) return null;
    const { view, now } = scene;
    return {
      view,
      now,
      reservationsOf: (customer) => this.#sale.store?.ownReservations(view.sku, customer, now) ?? [],
      placeOf: (customer) => this.#placeOf(view.sku, customer),
    };
  }

  /** Whoever has joined may have to be warned of a hold's end, or let go when a token expires. */
  #lookAfterWatchers(now: number): void {
    const next = this.#chores.nextAt(now);
    if (next !== null) this.#alarm.ensure(next, now);
  }

  #placeOf(sku: string, customer: string): Place | null {
    const entry = this.#sale.waitlist?.active(sku, [customer])[0];
    return entry === undefined ? null : this.#withPosition(entry);
  }

  #withPosition(entry: WaitlistEntry): Place {
    const position = entry.status === "waiting" ? (this.#sale.waitlist?.position(entry.rank) ?? null) : null;
    return { entry, position };
  }

  async #push(relay: string, push: RelayPush): Promise<Attendance> {
    return withinTime(this.env.RELAY.getByName(relay).push(push), OBJECT_CALL_MS, "a relay");
  }

  #committed({ view, events }: Commit): void {
    this.#newest = view.version;
    try {
      this.#feed.publish(view, events);
    } catch (error) {
      // It is committed: whoever watches may miss a frame, whoever sells may not miss an answer.
      console.error(JSON.stringify({ event: "feed-failed", error: String(error) }));
    }
    this.ctx.waitUntil(this.#departures.kick());
    const telling = this.#errands.committed(view, events);
    if (telling !== null) this.ctx.waitUntil(telling);
  }
}
