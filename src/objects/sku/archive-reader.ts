import { OBJECT_CALL_MS } from "../../domain/bounds.ts";
import {
  type Command,
  isReservationCommand,
  type Outcome,
  type Recalled,
  type Request,
  refused,
} from "../../domain/command.ts";
import type { Reservation, WaitlistEntry } from "../../domain/model.ts";
import type { Logger } from "../../logger.ts";
import { readEnded } from "../../storage/d1-read.ts";
import { departed } from "../../storage/departed.ts";
import { withTimeout } from "../shared/timeout.ts";
import type { Transactions } from "./transactions.ts";

/**
 * What has ended leaves its object, and D1 keeps it: between two transactions it is read back from there and then judged like
 * any other, so that what was answered once stays so, however late somebody asks again.
 */
export class ArchiveReader {
  readonly #sql: SqlStorage;
  readonly #db: D1Database;
  readonly #transactions: Transactions;
  readonly #logger: Logger;

  constructor(sql: SqlStorage, db: D1Database, transactions: Transactions, logger: Logger) {
    this.#sql = sql;
    this.#db = db;
    this.#transactions = transactions;
    this.#logger = logger;
  }

  /** Has requests judged with what has left; all of them are `unavailable` when that cannot be read, and nothing was done. */
  async execute(
    requests: readonly Request[],
    judge: (requests: readonly Request[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    const gone = this.#gone(requests.flatMap(commandsOf));
    if (gone === null) return judge(requests);
    let recalled: Recalled;
    try {
      recalled = await this.#read(gone);
    } catch (error) {
      this.#logger.log("archive_read_failed", { error });
      return requests.map(() => refused({ code: "unavailable" }));
    }
    return judge(requests.map((request) => ({ ...request, recalled })));
  }

  /** A reservation that has left, or null when there never was one. Rejects when that cannot be read. */
  async find(id: string): Promise<Reservation | null> {
    const gone = this.#departed([id], []);
    return gone === null ? null : ((await this.#read(gone)).reservations[0] ?? null);
  }

  /** The same of a place on the waitlist. */
  async findEntry(id: string): Promise<WaitlistEntry | null> {
    const gone = this.#departed([], [id]);
    return gone === null ? null : ((await this.#read(gone)).entries[0] ?? null);
  }

  #gone(commands: readonly Command[]): Gone | null {
    const reservations = commands.flatMap((command) => (isReservationCommand(command) ? [command.id] : []));
    const entries = commands.flatMap((command) => (command.type === "leave" ? [command.entry] : []));
    return this.#departed(reservations, entries);
  }

  /** Those of these that are not here and may have been; null: none. */
  #departed(reservations: readonly string[], entries: readonly string[]): Gone | null {
    if (this.#transactions.store === null) return null;
    const now = Date.now();
    const gone = {
      reservations: departed(this.#sql, "reservation", reservations, now),
      entries: departed(this.#sql, "waitlist", entries, now),
    };
    return gone.reservations.length + gone.entries.length === 0 ? null : gone;
  }

  #read(gone: Gone): Promise<Recalled> {
    return withTimeout(readEnded(this.#db, this.#transactions.sku.sku, gone), OBJECT_CALL_MS, "D1");
  }
}

/** Ids of what has left. */
interface Gone {
  reservations: string[];
  entries: string[];
}

function commandsOf({ command }: Request): Command[] {
  return command.type === "batch" ? command.requests.flatMap(commandsOf) : [command];
}
