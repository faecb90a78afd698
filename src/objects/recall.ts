import { OBJECT_CALL_MS } from "../domain/bounds.ts";
import { isReservationCommand, type Outcome, type Request, refused } from "../domain/command.ts";
import type { Reservation } from "../domain/model.ts";
import { readEnded } from "../storage/d1-read.ts";
import { departed } from "../storage/departed.ts";
import type { Sale } from "./sale.ts";
import { withinTime } from "./within-time.ts";

/**
 * What has ended leaves its object, and D1 keeps it: between two transactions it is read back from there and then judged like
 * any other, so that what was answered once stays so, however late somebody asks again.
 */
export class Recall {
  readonly #sql: SqlStorage;
  readonly #db: D1Database;
  readonly #sale: Sale;

  constructor(sql: SqlStorage, db: D1Database, sale: Sale) {
    this.#sql = sql;
    this.#db = db;
    this.#sale = sale;
  }

  /** Has requests judged with what has left; all of them are `unavailable` when that cannot be read, and nothing was done. */
  async execute(
    requests: readonly Request[],
    judge: (requests: readonly Request[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    const gone = this.#gone(requests.flatMap(namedBy));
    if (gone.length === 0) return judge(requests);
    let recalled: Reservation[];
    try {
      recalled = await this.#read(gone);
    } catch (error) {
      console.warn(JSON.stringify({ event: "recall-failed", error: String(error) }));
      return requests.map(() => refused({ code: "unavailable" }));
    }
    if (recalled.length === 0) return judge(requests);
    return judge(requests.map((request) => ({ ...request, recalled })));
  }

  /** A reservation that has left, or null when there never was one. Rejects when that cannot be read. */
  async find(id: string): Promise<Reservation | null> {
    const gone = this.#gone([id]);
    return gone.length === 0 ? null : ((await this.#read(gone))[0] ?? null);
  }

  #gone(ids: readonly string[]): string[] {
    if (this.#sale.store === null || ids.length === 0) return [];
    return departed(this.#sql, ids, Date.now());
  }

  #read(ids: readonly string[]): Promise<Reservation[]> {
    return withinTime(readEnded(this.#db, this.#sale.sku.sku, ids), OBJECT_CALL_MS, "D1");
  }
}

function namedBy({ command }: Request): string[] {
  if (command.type === "batch") return command.requests.flatMap(namedBy);
  return isReservationCommand(command) ? [command.id] : [];
}
