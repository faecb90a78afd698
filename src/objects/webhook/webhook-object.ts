import { retryable } from "cloudflare:durable-objects";
import {
  ALARM_AHEAD_MS_MIN,
  KEY_KEPT_MS,
  OBJECT_CALL_MS,
  RECORD_GRACE_MS,
  WEBHOOK_LOOK_MS,
  WEBHOOKS_MAX,
} from "../../domain/bounds.ts";
import { refused } from "../../domain/command.ts";
import type { WebhookOutcome } from "../../domain/delivery.ts";
import { type Delivery, sendAgain } from "../../domain/delivery.ts";
import { moveBack, openWebhook, remove, rotate, type Webhook, type WebhookPlan } from "../../domain/webhook.ts";
import { refusedUrl } from "../../events/endpoint-url.ts";
import { newSecret } from "../../events/sign.ts";
import { lastPosition, positionBefore } from "../../storage/d1-log.ts";
import { countWebhooks, eraseWebhook, saveWebhook, unreadAfter } from "../../storage/d1-webhooks.ts";
import type { DeliveryFilter } from "../../storage/delivery-store.ts";
import { CREATION, WebhookStore } from "../../storage/webhook-store.ts";
import type { Recorded, WebhookRequest, WebhookState } from "../rpc.ts";
import { AlarmClock } from "../shared/alarm-clock.ts";
import { AlarmObject } from "../shared/alarm-object.ts";
import { withTimeout } from "../shared/timeout.ts";
import { WebhookSender } from "./webhook-sender.ts";

/**
 * One webhook: reads the log from its position and delivers the events that it was registered for. It stores the truth; D1's
 * list is a copy. A shell around `domain/webhook.ts` and `domain/delivery.ts`.
 */
export class WebhookObject extends AlarmObject {
  // The id of a webhook follows from its creation's key, and every request to one has a key.
  static {
    retryable(WebhookObject.prototype.create);
    retryable(WebhookObject.prototype.act);
    retryable(WebhookObject.prototype.wake);
  }

  readonly #store: WebhookStore;
  readonly #alarm: AlarmClock;
  readonly #sender: WebhookSender;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new WebhookStore(ctx.storage.sql);
    this.#alarm = new AlarmClock(ctx, "WEBHOOK");
    this.#sender = new WebhookSender({
      store: this.#store,
      db: env.DB,
      clock: this.#alarm.timers,
      allowPrivate: () => this.#allowPrivate,
      transaction: (write) => this.#transaction(write),
      waitUntil: (work) => ctx.waitUntil(work),
      moved: () => this.#moved(),
      logger: this.#alarm.logger,
    });
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore(this.#webhook()?.updatedAt));
  }

  /** Creates the webhook; a repeated creation finds its own. It gets the events from now on. */
  async create(plan: WebhookPlan, content: string): Promise<{ outcome: WebhookOutcome; recorded: Recorded }> {
    const refusal = refusedUrl(plan.url, this.#allowPrivate);
    if (refusal !== null) return this.#answer(refused({ code: "invalid-request", detail: `url: ${refusal}` }));
    const known = this.#createdBefore(content);
    if (known !== null) return this.#answer(known);
    const createdAt = Date.now();
    const [webhooks, position] = await Promise.all([countWebhooks(this.env.DB), lastPosition(this.env.DB)]);
    const meanwhile = this.#createdBefore(content);
    if (meanwhile !== null) return this.#answer(meanwhile);
    if (webhooks >= WEBHOOKS_MAX) return this.#answer(refused({ code: "too-many-webhooks", limit: WEBHOOKS_MAX }));
    const url = new URL(plan.url).href;
    const webhook = openWebhook(this.ctx.id.name ?? "", { ...plan, url }, newSecret(), position, createdAt);
    const outcome: WebhookOutcome = { ok: true, webhook };
    this.#commit(webhook, CREATION, content, outcome);
    return this.#answer(outcome);
  }

  /** The current webhook, or null. */
  async look(): Promise<WebhookState | null> {
    const webhook = this.#webhook();
    if (webhook === null) return null;
    const pending = this.#store.deliveries.pending().size;
    const asked = withTimeout(unreadAfter(this.env.DB, webhook.cursor), OBJECT_CALL_MS, "D1");
    const unread = await asked.catch(() => null);
    return { webhook, pending, unread };
  }

  /** Position up to which it has read the log; null if it reads no more. */
  async readUpTo(): Promise<number | null> {
    const webhook = this.#webhook();
    return webhook?.status === "active" ? webhook.cursor : null;
  }

  /** Its deliveries before a position, newest first: one more than `limit` if there are. Null if there is no webhook. */
  async deliveries(filter: DeliveryFilter, before: number | null, limit: number): Promise<Delivery[] | null> {
    return this.#webhook() === null ? null : this.#store.deliveries.page(filter, before, limit);
  }

  /** Runs an operator's request, once per key. */
  async act({ ask, key, content }: WebhookRequest): Promise<{ outcome: WebhookOutcome; recorded: Recorded }> {
    const position = ask.type === "redeliver-since" ? await positionBefore(this.env.DB, ask.since) : 0;
    const webhook = this.#webhook();
    const found = ask.type === "redeliver" && webhook !== null ? this.#store.deliveries.find(ask.position) : null;
    if (webhook === null || (ask.type === "redeliver" && found === null)) {
      return this.#answer(refused({ code: "not-found" }));
    }
    const again = this.#store.again(key, content);
    if (again !== null) return this.#answer(again);
    if (ask.type === "redeliver-since") return this.#moveBack(moveBack(webhook, position, Date.now()), key, content);
    if (found !== null) return this.#sendAgain(webhook, found, key, content);
    const outcome = rotate(webhook, newSecret(), Date.now());
    if (outcome.ok) this.#commit(outcome.webhook, key, content, outcome);
    return this.#answer(outcome);
  }

  /** Deletes the webhook: nothing is sent any more. False if there is none. */
  async remove(): Promise<boolean> {
    const webhook = this.#webhook();
    if (webhook === null) return false;
    this.#transaction(() => {
      this.#store.save(remove(webhook, Date.now()));
      this.#store.deliveries.dropAfter(0);
      this.#alarm.set(Date.now() + RECORD_GRACE_MS);
    });
    await this.#record();
    return true;
  }

  /** The log has grown. Deliveries are sent after this has returned. */
  async wake(): Promise<void> {
    if (this.#webhook() === null) return;
    this.#moved();
    this.ctx.waitUntil(this.#sender.goOn());
  }

  override async alarm(): Promise<void> {
    await this.#alarm.ring(async () => {
      const now = Date.now();
      const webhook = this.#store.load();
      if (webhook?.status === "deleted" && now >= webhook.updatedAt + KEY_KEPT_MS) return this.#erase(webhook.id);
      if (webhook?.status === "active") await this.#sender.goOn();
      await this.#record();
      return this.#nextDeadline(Date.now());
    });
  }

  /** Whether the settings allow http and private addresses. */
  get #allowPrivate(): boolean {
    return this.env.PRIVATE_WEBHOOKS === "true";
  }

  /** The webhook, unless it was deleted. */
  #webhook(): Webhook | null {
    const webhook = this.#store.load();
    return webhook?.status === "deleted" ? null : webhook;
  }

  #createdBefore(content: string): WebhookOutcome | null {
    return this.#store.again(CREATION, content);
  }

  #sendAgain(webhook: Webhook, found: Delivery, key: string, content: string) {
    if (webhook.status === "stopped") return this.#answer(refused({ code: "webhook-stopped" }));
    const round = webhook.round + 1;
    const delivery = sendAgain(found, round, Date.now());
    const outcome: WebhookOutcome = { ok: true, webhook, delivery };
    this.#commit({ ...webhook, round, pausedUntil: null }, key, content, outcome, () =>
      this.#store.deliveries.save(delivery),
    );
    return this.#answer(outcome);
  }

  #moveBack(webhook: Webhook, key: string, content: string) {
    const outcome: WebhookOutcome = { ok: true, webhook };
    this.#commit(webhook, key, content, outcome, () => {
      this.#store.deliveries.dropAfter(webhook.cursor);
      this.#store.deliveries.hasten(Date.now());
    });
    return this.#answer(outcome);
  }

  #commit(webhook: Webhook, key: string, content: string, outcome: WebhookOutcome, write = () => {}): void {
    const now = Date.now();
    this.#transaction(() => {
      this.#store.save(webhook);
      this.#store.keepAnswer(key, content, outcome, now, now - KEY_KEPT_MS);
      write();
      this.#alarm.ensure(now + RECORD_GRACE_MS, now);
    });
    this.ctx.waitUntil(this.#sender.goOn());
  }

  #transaction(write: () => void): void {
    this.#alarm.transaction(write, () => this.#store.forget());
  }

  #moved(): void {
    const now = Date.now();
    const next = this.#nextDeadline(now);
    if (next !== null) this.#alarm.ensure(next, now);
  }

  /** Besides other deadlines it looks once a minute, in case a message was lost or an instance died while sending. */
  #nextDeadline(now: number): number | null {
    const webhook = this.#store.load();
    if (webhook === null) return null;
    if (this.#store.recorded() < webhook.version) return now + RECORD_GRACE_MS;
    if (webhook.status === "deleted") return webhook.updatedAt + KEY_KEPT_MS;
    if (webhook.status === "stopped") return null;
    const next = this.#sender.nextDueAt() ?? Number.POSITIVE_INFINITY;
    return Math.max(now + ALARM_AHEAD_MS_MIN, Math.min(next, now + WEBHOOK_LOOK_MS));
  }

  /** Updates D1's list; false if D1 fails, and then the alarm retries. */
  async #record(): Promise<boolean> {
    const webhook = this.#store.load();
    if (webhook === null || this.#store.recorded() >= webhook.version) return true;
    try {
      await withTimeout(saveWebhook(this.env.DB, webhook), OBJECT_CALL_MS, "D1");
      this.#store.saveRecorded(webhook.version);
      return true;
    } catch (error) {
      this.#alarm.logger.log("d1_write_failed", { error });
      return false;
    }
  }

  async #erase(id: string): Promise<null> {
    await eraseWebhook(this.env.DB, id);
    await this.ctx.storage.deleteAll();
    this.#store.forget();
    return null;
  }

  async #answer(outcome: WebhookOutcome): Promise<{ outcome: WebhookOutcome; recorded: Recorded }> {
    return { outcome, recorded: (await this.#record()) ? "d1" : "object" };
  }
}
