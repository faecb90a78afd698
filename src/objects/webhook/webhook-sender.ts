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

/** Events that are read at once; reading begins when that many fit beside those that are taken already. */
const PAGE_EVENTS = WEBHOOK_AHEAD_MAX / 2;
/** A look at the log that takes longer is given up, and made again later. */
const READ_MS = 30_000;

export interface SenderDeps {
  store: WebhookStore;
  db: D1Database;
  allowPrivate: () => boolean;
  transaction: (write: () => void) => void;
  waitUntil: (work: Promise<void>) => void;
  /** Something has changed: the alarm has to follow. */
  moved: () => void;
  logger: Logger;
}

/**
 * Takes a webhook's events from the log and sends them. What it has in memory is only which calls are under way: an
 * instance that dies in between leaves them pending, and the next one makes them again.
 */
export class WebhookSender {
  readonly #deps: SenderDeps;
  readonly #busy = new Set<string>();
  #reading = false;
  /** Whether the log may have more than was read. */
  #isBehind = false;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** The log may have grown: reads on and sends what there is. Resolves when nothing more can be taken for now. */
  async goOn(): Promise<void> {
    this.#isBehind = true;
    this.send();
    await this.#read();
  }

  /** Begins to send what is due. */
  send(): void {
    const { store, waitUntil } = this.#deps;
    const webhook = store.load();
    if (webhook === null) return;
    for (const delivery of dueNow(webhook, store.deliveries.pending().values(), this.#busy, Date.now())) {
      this.#busy.add(delivery.stream);
      waitUntil(this.#deliver(delivery));
    }
  }

  /** When there is something to send next, if nothing else happens. */
  nextDueAt(): number | null {
    const webhook = this.#deps.store.load();
    return webhook && nextDueAt(webhook, this.#deps.store.deliveries.pending().values(), this.#busy);
  }

  async #deliver(sent: Delivery): Promise<void> {
    const { store, allowPrivate, moved } = this.#deps;
    try {
      const webhook = store.load();
      if (webhook === null) return;
      const body = store.deliveries.bodyOf(sent.position);
      const isWanted = () => {
        const now = store.load();
        return now?.status === "active" && store.deliveries.find(sent.position)?.round === sent.round;
      };
      const result = await callEndpoint({ webhook, event: sent.event, body, allowPrivate: allowPrivate(), isWanted });
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

  /** Reads on while there is room and may be more. One look at a time. */
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

  /** Takes one page of the log; whether there is more. */
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
      // It was moved back meanwhile, or stopped: this page is not the next one any more.
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
    // Nothing comes before the first event of a stream, and a stream that is known needs no asking.
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
