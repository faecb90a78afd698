import type { WebhookOutcome } from "../domain/delivery.ts";
import type { Webhook } from "../domain/webhook.ts";
import { DeliveryStore } from "./delivery-store.ts";
import { hasTable } from "./has-table.ts";
import { KEY_TABLE, KeyStore } from "./key-store.ts";

/** The key of the creation. Callers' keys begin with a bracket, so they cannot use it. It is kept as long as its webhook. */
export const CREATION = "create";

/** One webhook with its deliveries and keys. Synchronous; callers own the transaction. */
export class WebhookStore {
  readonly deliveries: DeliveryStore;
  readonly #sql: SqlStorage;
  readonly #keys: KeyStore<WebhookOutcome>;
  #isCreated: boolean;
  /** The webhook, cached: there is no other writer. */
  #webhook: Webhook | null | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#keys = new KeyStore(sql);
    this.#isCreated = hasTable(sql, "webhook");
    this.deliveries = new DeliveryStore(sql);
  }

  /** The webhook, or null. */
  load(): Webhook | null {
    if (!this.#isCreated) return null;
    if (this.#webhook === undefined) {
      const row = this.#sql.exec<{ body: string }>("SELECT body FROM webhook").toArray()[0];
      this.#webhook = row === undefined ? null : (JSON.parse(row.body) as Webhook);
    }
    return this.#webhook;
  }

  /** Writes the webhook; creates the tables for the first one. */
  save(webhook: Webhook): void {
    this.#create();
    if (webhook === this.#webhook) return;
    const body = JSON.stringify(webhook);
    this.#sql.exec("INSERT INTO webhook (only_row, body) VALUES (1, ?1) ON CONFLICT DO UPDATE SET body = ?1", body);
    this.#webhook = webhook;
  }

  /** The version that D1's list is known to have. */
  recorded(): number {
    if (!this.#isCreated) return 0;
    return this.#sql.exec<{ recorded: number }>("SELECT recorded FROM webhook").toArray()[0]?.recorded ?? 0;
  }

  /** Stores the acknowledgment of D1. */
  saveRecorded(version: number): void {
    if (this.#isCreated) this.#sql.exec("UPDATE webhook SET recorded = ?1 WHERE recorded < ?1", version);
  }

  /** The first answer to a key again, as `KeyStore.again` says. */
  again(key: string, content: string): ReturnType<KeyStore<WebhookOutcome>["again"]> {
    return this.#isCreated ? this.#keys.again(key, content) : null;
  }

  /** Stores the answer to a key, and removes answers from before `keptSince`. */
  keepAnswer(key: string, content: string, answer: WebhookOutcome, now: number, keptSince: number): void {
    this.#keys.retire(keptSince, CREATION);
    this.#keys.keep(key, content, answer, now);
  }

  /** Clears the cache: the transaction that changed it was rolled back. */
  forget(): void {
    this.#webhook = undefined;
    this.#isCreated = hasTable(this.#sql, "webhook");
    this.deliveries.forget();
  }

  #create(): void {
    if (this.#isCreated) return;
    this.#isCreated = true;
    this.#sql.exec(`
      CREATE TABLE webhook (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1), body TEXT NOT NULL, recorded INTEGER NOT NULL DEFAULT 0
      );
      ${KEY_TABLE};
    `);
    this.deliveries.create();
  }
}
