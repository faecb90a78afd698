import { retryable } from "cloudflare:durable-objects";
import type { Attendance, RelayPush } from "../../contracts/live.ts";
import { type CountedClaim, countsOf } from "../../domain/allowance.ts";
import { CALL_PATIENCE_MS, LIMIT_TOLD_MS, OBJECT_CALL_MS, POSITIONS_ANNOUNCED_MAX } from "../../domain/bounds.ts";
import type { Actor, Request as SkuRequest } from "../../domain/command.ts";
import { isVisible } from "../../domain/dispatch.ts";
import { fateOfRescue } from "../../domain/lend.ts";
import type { Lender, Reservation, SkuView, WaitlistEntry } from "../../domain/model.ts";
import { beforeRescue } from "../../domain/rescue.ts";
import { type SoldOut, soldOutOf } from "../../domain/sold-out.ts";
import { dropLimit, isDead } from "../../domain/stock.ts";
import type { Place } from "../../live/frames.ts";
import type { RelaySnapshot } from "../../live/relay-feed.ts";
import { type FeedSnapshot, SkuFeed } from "../../live/sku-feed.ts";
import { answerClose, receiveFrame } from "../../live/upgrade.ts";
import type { OutboxBatch } from "../../storage/outbox.ts";
import { RelayStore } from "../../storage/relay-store.ts";
import type { Executed, Health, Own, RefusedElsewhere } from "../rpc.ts";
import { AlarmClock } from "../shared/alarm-clock.ts";
import { AlarmObject } from "../shared/alarm-object.ts";
import { Deadline } from "../shared/deadline.ts";
import type { OutboxDrains } from "../shared/outbox-drains.ts";
import { withTimeout } from "../shared/timeout.ts";
import { ArchiveReader } from "./archive-reader.ts";
import { AskAndSettle } from "./ask-and-settle.ts";
import { GroupCommit } from "./group-commit.ts";
import { KnownCustomers } from "./known-customers.ts";
import { OutcomeCounters } from "./outcome-counters.ts";
import { lessenedAt, versionOf } from "./outcome-versions.ts";
import { PeerNotices } from "./peer-notices.ts";
import { RefusalStats } from "./refusal-stats.ts";
import { SkuAlarm } from "./sku-alarm.ts";
import { dueAt, skuOutbox } from "./sku-outbox.ts";
import { sqlHost } from "./stores.ts";
import { type Commit, Transactions } from "./transactions.ts";

/** One SKU, one thread: the only place that decides who holds its units. A shell around `Transactions`; everything in memory is a cache. */
export class SkuObject extends AlarmObject {
  // A repeated request is known by its key or its reservation, so the platform may repeat a call that was cut off.
  static {
    retryable(SkuObject.prototype.execute);
  }

  readonly #alarm: AlarmClock;
  readonly #transactions: Transactions;
  readonly #group: GroupCommit;
  readonly #askAndSettle: AskAndSettle;
  readonly #archive: ArchiveReader;
  readonly #outbox: OutboxDrains<OutboxBatch>;
  readonly #feed: SkuFeed;
  readonly #peerNotices: PeerNotices;
  readonly #skuAlarm: SkuAlarm;
  readonly #relays: RelayStore;
  /** Sequence of the last committed event, cached because every refusal needs it. */
  #newest: number;
  readonly #refusalStats: RefusalStats;
  readonly #counters = new OutcomeCounters((refusal, count) => this.#refusalStats.add(refusal, count));
  readonly #known = new KnownCustomers((limit) => this.#transactions.store?.knownCustomers(limit) ?? []);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#alarm = new AlarmClock(ctx, "SKU");
    const { logger, timers } = this.#alarm;
    this.#relays = new RelayStore(ctx.storage.sql);
    this.#feed = new SkuFeed(ctx, {
      clock: timers,
      relays: {
        names: () => (this.#transactions.store === null ? [] : this.#relays.names()),
        push: (name, push) => this.#push(name, push),
        forget: (name) => this.#relays.remove(name),
        logger,
      },
      front: () =>
        this.#transactions.waitlist?.front(this.#transactions.store?.sku().sku ?? "", POSITIONS_ANNOUNCED_MAX) ?? [],
    });
    this.#transactions = new Transactions(sqlHost(ctx.storage), this.#alarm, (commit) => this.#committed(commit));
    this.#group = new GroupCommit({
      transact: (requests) => this.#transactions.execute(requests),
      committed: () => ctx.storage.sync(),
      sweep: () => this.#transactions.sweepOn(),
    });
    this.#askAndSettle = new AskAndSettle(env, this.#group, this.#transactions, this.#alarm);
    this.#archive = new ArchiveReader(ctx.storage.sql, env.DB, this.#transactions, logger);
    this.#newest = this.#transactions.store?.sku().version ?? 0;
    const [newest, told] = [() => this.#newest, () => this.#peerNotices.told];
    this.#outbox = skuOutbox(ctx, env, this.#transactions, this.#alarm, newest, told);
    this.#refusalStats = new RefusalStats(env.DB, ctx.id.name ?? "", this.#alarm);
    this.#peerNotices = new PeerNotices(ctx, env, this.#transactions, this.#alarm, this.#group, this.#askAndSettle);
    this.#skuAlarm = new SkuAlarm(ctx, timers, this.#transactions, this.#feed, this.#outbox, this.#peerNotices);
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore(this.#transactions.store?.sku().updatedAt));
  }

  /**
   * The one write entry: executes requests in order, including grants of a drop's limit, and waits up to `waitMs` for D1 to
   * record the changes. A caller who frees units of a limit is answered once the limit knows, so that the customer's next claim
   * finds room. `shedAhead` reserves were refused by the Worker since its last call, because this object had shed load.
   */
  async execute(
    requests: SkuRequest[],
    waitMs: number,
    patienceMs = CALL_PATIENCE_MS,
    shedAhead = 0,
  ): Promise<Executed> {
    this.#group.shedAhead(shedAhead);
    if (shedAhead > 0) this.#counters.addRefused({ code: "overloaded" }, shedAhead);
    if (this.#transactions.store !== null) this.#alarm.noticeSetBack(Date.now());
    const deadline = new Deadline(patienceMs, this.#alarm.timers);
    const outcomes = await this.#archive.execute(requests, (known) => this.#askAndSettle.execute(known, deadline));
    this.#counters.add(requests, outcomes);
    if (this.#refusalStats.isBehind) void this.#refusalStats.kick();
    const version = Math.max(0, ...outcomes.map((outcome) => versionOf(outcome, this.#newest)));
    // After a wake the drain may not have been started: a repeated call may wait for an earlier commit.
    if (this.#outbox.recorded < version) this.ctx.waitUntil(this.#outbox.kick());
    // A request without changes does not wait, but reports `d1` only if D1 has everything it depends on.
    const [recorded] = await Promise.all([
      this.#outbox.reached(version || this.#newest, version === 0 ? 0 : waitMs),
      this.#peerNotices.reached(lessenedAt(outcomes), LIMIT_TOLD_MS),
    ]);
    return { outcomes, recorded: recorded ? "d1" : "object" };
  }

  /** The current SKU, or null. */
  async look(): Promise<SkuView | null> {
    return this.#look()?.view ?? null;
  }

  /** The current reservation, also one that was removed to D1; null if there is none that this caller may see. */
  async find(id: string, actor: Actor): Promise<Reservation | null> {
    const scene = this.#look();
    if (scene === null) return null;
    const reservation =
      this.#transactions.store?.reservations(scene.view.sku, [id])[0] ?? (await this.#archive.find(id));
    if (reservation === null || !isVisible(actor, reservation)) return null;
    if (reservation.attempt?.purpose === "rescue") return beforeRescue(reservation);
    return isDead(reservation, scene.now) ? { ...reservation, status: "expired" } : reservation;
  }

  /** What the Worker may answer reserves with for a moment; null while only this object can tell. */
  async soldOut(): Promise<SoldOut | null> {
    const scene = this.#look();
    if (scene === null || scene.view.available > 0) return null;
    return soldOutOf(scene.view, this.#known.hashes(), dueAt(this.#transactions, scene.now), scene.now);
  }

  /** Counts reserves that the Worker refused with that. */
  async countRefused(refusals: RefusedElsewhere[]): Promise<void> {
    if (this.#transactions.store === null) return;
    for (const { refusal, count } of refusals) this.#counters.addRefused(refusal, count);
    if (this.#refusalStats.isBehind) await this.#refusalStats.kick();
  }

  /** A customer's share of this SKU, or null if there is no SKU. */
  async own(customer: string): Promise<Own | null> {
    const scene = this.#look();
    const store = this.#transactions.store;
    if (scene === null || store === null) return null;
    return {
      view: scene.view,
      isTurn: this.#transactions.isTurnOf(customer, scene.now),
      units: store.toldUnits(customer, scene.now),
      counted: store.liveUnits([customer], scene.now).get(customer) ?? 0,
      limit: dropLimit(store.sku()),
      reservations: store.ownReservations(scene.view.sku, customer, scene.now),
      place: this.#placeOf(scene.view.sku, customer),
    };
  }

  /** The current waitlist entry; null if there is none that this caller may see. */
  async findEntry(id: string, actor: Actor): Promise<Place | null> {
    const scene = this.#look();
    if (scene === null) return null;
    const entry = this.#transactions.waitlist?.entries(scene.view.sku, [id])[0] ?? (await this.#archive.findEntry(id));
    if (entry === null || (actor.role === "shopper" && actor.customer !== entry.customer)) return null;
    return this.#withPosition(entry);
  }

  /** These reservations as a drop's limit counts them, without tries; one that is not here has ended. */
  async count(ids: string[]): Promise<Omit<CountedClaim, "customer">[]> {
    const scene = this.#look();
    const store = this.#transactions.store;
    if (scene === null || store === null) return [];
    return countsOf(ids, store.reservations(scene.view.sku, ids), scene.view);
  }

  /** What a claim or cart that was lent to a late payment of this SKU has to do; null: not decided yet. */
  async fateOfRescue(id: string, lender: Lender): Promise<"restore" | "supersede" | null> {
    const scene = this.#look();
    if (this.#askAndSettle.isRescuing(id)) return null;
    const reservation = scene === null ? undefined : this.#transactions.store?.reservations(scene.view.sku, [id])[0];
    return fateOfRescue(reservation, lender);
  }

  /** Feeds a Relay from now on and returns the current state, with this customer's frames; null if there is no SKU. */
  async watch(relay: string, customer: string | null): Promise<RelaySnapshot | null> {
    const scene = this.#scene();
    if (scene === null) return null;
    this.#relays.add(relay);
    const shown = this.#feed.sceneFor(scene, relay, customer);
    this.#lookAfterWatchers(scene.now);
    return shown;
  }

  /** The health of the object, or null if there is no SKU. */
  async health(): Promise<Health | null> {
    const scene = this.#look();
    const store = this.#transactions.store;
    if (scene === null || store === null) return null;
    const oldest = store.eventAt(this.#outbox.recorded + 1);
    return {
      view: scene.view,
      unrecordedEvents: scene.view.version - this.#outbox.recorded,
      recordLagMs: oldest === null ? 0 : Math.max(0, scene.now - oldest),
      unannouncedEvents: this.#outbox.recorded - this.#outbox.announced,
      watchers: this.#feed.size,
      clockAheadMs: Math.max(0, scene.view.updatedAt - scene.now),
      counts: this.#counters.counts(),
    };
  }

  /** Upgrades to the live feed. Only the Worker calls this, with a verified watcher. */
  override async fetch(request: Request): Promise<Response> {
    const scene = this.#scene();
    if (scene === null) return new Response(null, { status: 404 });
    const response = this.#feed.join(request, scene);
    this.#lookAfterWatchers(scene.now);
    return response;
  }

  override begin(): void {
    if (this.#look() !== null) this.ctx.waitUntil(this.#outbox.kick());
  }

  override async alarm(): Promise<void> {
    await this.#alarm.ring(() => this.#skuAlarm.run());
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    receiveFrame(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
  }

  #look(): { view: SkuView; now: number } | null {
    const scene = this.#transactions.look();
    if (scene !== null) this.#alarm.checkUp(scene.now, () => this.#skuAlarm.nextAt(scene.now));
    return scene;
  }

  #scene(): FeedSnapshot | null {
    const scene = this.#look();
    if (scene === null) return null;
    const { view, now } = scene;
    return {
      view,
      now,
      reservationsOf: (customer) => this.#transactions.store?.ownReservations(view.sku, customer, now) ?? [],
      placeOf: (customer) => this.#placeOf(view.sku, customer),
    };
  }

  /** A new watcher may need a warning of a hold's end, or may have to be closed when its token expires. */
  #lookAfterWatchers(now: number): void {
    const next = this.#skuAlarm.nextAt(now);
    if (next !== null) this.#alarm.ensure(next, now);
  }

  #placeOf(sku: string, customer: string): Place | null {
    const entry = this.#transactions.waitlist?.active(sku, [customer])[0];
    return entry === undefined ? null : this.#withPosition(entry);
  }

  #withPosition(entry: WaitlistEntry): Place {
    const position = entry.status === "waiting" ? (this.#transactions.waitlist?.position(entry.rank) ?? null) : null;
    return { entry, position };
  }

  async #push(relay: string, push: RelayPush): Promise<Attendance> {
    return withTimeout(this.env.RELAY.getByName(relay).push(push), OBJECT_CALL_MS, "a relay");
  }

  #committed({ view, events }: Commit): void {
    this.#newest = view.version;
    this.#known.committed(events);
    try {
      this.#feed.publish(view, events);
    } catch (error) {
      // It is committed: a watcher may miss a frame, but a caller may not miss its answer.
      this.#alarm.logger.log("feed_publish_failed", { error });
    }
    this.ctx.waitUntil(this.#outbox.kick());
    const telling = this.#peerNotices.committed(view, events);
    if (telling !== null) this.ctx.waitUntil(telling);
  }
}
