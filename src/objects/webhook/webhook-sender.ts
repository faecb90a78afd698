import type { Clock } from "../../clock.ts";
import { WEBHOOK_AHEAD_MAX, WEBHOOK_DELIVERIES_KEPT_MAX, WEBHOOK_DELIVERIES_LEAVING } from "../../domain/bounds.ts";
import { answered, type CallResult, type Delivery, dueNow, nextDueAt, take } from "../../domain/delivery.ts";
import type { LoggedEvent } from "../../domain/log.ts";
import { callEndpoint } from "../../events/call-endpoint.ts";
import { cloudEvent } from "../../events/cloud-event.ts";
import type { Logger } from "../../logger.ts";
import { readLog } from "../../storage/d1-log.ts";
import { readPrevious } from "../../storage/d1-webhooks.ts";
import type { WebhookStore } from "../../storage/webhook-store.ts";
import { withTimeout } from "../shared/timeout.ts";

/** Events per read; reading begins when this many fit beside the pending ones. */
const PAGE_EVENTS = WEBHOOK_AHEAD_MAX / 2;
/** A read of the log that takes longer is abandoned and repeated later. */
const READ_MS = 30_000;

export interface SenderDeps {
  store: WebhookStore;
  db: D1Database;
  clock: Clock;
  allowPrivate: () => boolean;
  transaction: (write: () => void) => void;
  waitUntil: (work: Promise<void>) => void;
  /** A deadline has changed: the alarm has to be set again. */
  moved: () => void;
  logger: Logger;
}

/**
 * Takes a webhook's events from the log and sends them. Its memory only knows the calls in flight: if the instance dies, their
 * deliveries stay pending, and the next instance repeats them.
 */
export class WebhookSender {
  readonly #deps: SenderDeps;
  readonly #busy = new Set<string>();
  #reading = false;
  /** Whether the log may have unread events. */
  #isBehind = false;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** The log may have grown: reads on and sends what is due. Resolves when nothing more can be taken for now. */
  async goOn(): Promise<void> {
    this.#isBehind = true;
    this.send();
    await this.#read();
  }

  /** Sends what is due. */
  send(): void {
    const { store, waitUntil } = this.#deps;
    const webhook = store.load();
    if (webhook === null) return;
    for (const delivery of dueNow(webhook, store.deliveries.pending().values(), this.#busy, Date.now())) {
      this.#busy.add(delivery.stream);
      waitUntil(this.#deliver(delivery));
    }
  }

  /** When the next delivery is due without any other change; null: never. */
  nextDueAt(): number | null {
    const webhook = this.#deps.store.load();
    return webhook && nextDueAt(webhook, this.#deps.store.deliveries.pending().values(), this.#busy);
  }

  async #deliver(sent: Delivery): Promise<void> {
    const { store, clock, allowPrivate, moved } = this.#deps;
    try {
      const webhook = store.load();
      if (webhook === null) return;
      const body = store.deliveries.bodyOf(sent.position);
      const isWanted = () => {
        const now = store.load();
        return now?.status === "active" && store.deliveries.find(sent.position)?.round === sent.round;
      };
      const result = await callEndpoint({
        webhook,
        event: sent.event,
        body,
        allowPrivate: allowPrivate(),
        clock,
        isWanted,
      });
      if (result !== null) this.#answered(sent, result);
    } finally {
      this.#busy.delete(sent.stream);
    }
    this.send();
    moved();
    await this.#read();
  }

  #answered(sent: Delivery, result: CallResult): void {
    const { store, transaction } = this.#deps;
    transaction(() => {
      const webhook = store.load();
      if (webhook === null) return;
      const now = Date.now();
      const current = store.deliveries.find(sent.position);
      const after = answered(webhook, sent, current, result, now, Math.random());
      store.save(after.webhook);
      if (after.delivery !== null) store.deliveries.save(after.delivery);
      if (after.isBack) store.deliveries.hasten(now);
    });
  }

  /** Reads on while there is room and may be more. One read at a time. */
  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#isBehind && this.#hasRoom()) {
        this.#isBehind = false;
        const hasMore = await withTimeout(this.#readPage(), READ_MS, "the log");
        this.#isBehind ||= hasMore;
        this.send();
        this.#deps.moved();
      }
    } catch (error) {
      this.#isBehind = true;
      this.#deps.logger.log("webhook_read_failed", { error });
    } finally {
      this.#reading = false;
    }
  }

  #hasRoom(): boolean {
    const { store } = this.#deps;
    return store.load()?.status === "active" && store.deliveries.pending().size <= WEBHOOK_AHEAD_MAX - PAGE_EVENTS;
  }

  /** Takes one page of the log; returns whether there is more. */
  async #readPage(): Promise<boolean> {
    const { store, db, transaction } = this.#deps;
    const before = store.load();
    if (before === null) return false;
    const { items, more } = await readLog(db, before.cursor, PAGE_EVENTS);
    const last = items.at(-1);
    if (last === undefined) return false;
    const events = new Map(items.map((event) => [event.position, event]));
    const deliveries = take(before, items, Date.now());
    const previous = await this.#previousOf(deliveries);
    transaction(() => {
      const webhook = store.load();
      // It was moved back or stopped meanwhile: this page is no longer the next one.
      if (webhook?.status !== "active" || webhook.round !== before.round || webhook.cursor !== before.cursor) return;
      store.deliveries.add(
        deliveries.map((delivery) => {
          const event = events.get(delivery.position) as LoggedEvent;
          return { delivery, body: cloudEvent(event, previous.get(delivery.position) ?? null) };
        }),
      );
      store.save({ ...webhook, cursor: last.position });
      store.deliveries.trim(WEBHOOK_DELIVERIES_KEPT_MAX, WEBHOOK_DELIVERIES_LEAVING);
    });
    return more;
  }

  /** For each delivery, by position, the sequence that its stream was sent before. */
  async #previousOf(deliveries: readonly Delivery[]): Promise<Map<number, number>> {
    const { store, db } = this.#deps;
    const webhook = store.load();
    if (webhook === null) return new Map();
    const firsts = [...Map.groupBy(deliveries, ({ stream }) => stream).values()].flatMap((ofStream) =>
      ofStream.slice(0, 1),
    );
    const last = store.deliveries.lastOf(firsts.map(({ stream }) => stream));
    // The first event of a stream has no predecessor, and known streams need no query.
    const unknown = firsts.filter(({ stream, sequence }) => sequence > 1 && !last.has(stream));
    for (const [stream, sequence] of await readPrevious(db, webhook, unknown)) last.set(stream, sequence);
    const previous = new Map<number, number>();
    for (const { position, stream, sequence } of deliveries) {
      const before = last.get(stream);
      if (before !== undefined) previous.set(position, before);
      last.set(stream, sequence);
    }
    return previous;
  }
}
