import { OBJECT_CALL_MS } from "../../domain/bounds.ts";
import { type Outcome, type Recalled, type Request, refused } from "../../domain/command.ts";
import { isReservationCommand, namesOf, withParts } from "../../domain/command-facts.ts";
import type { Reservation, WaitlistEntry } from "../../domain/model.ts";
import type { Logger } from "../../logger.ts";
import { readEnded } from "../../storage/d1-read.ts";
import { departed } from "../../storage/departed.ts";
import { withTimeout } from "../shared/timeout.ts";
import type { Transactions } from "./transactions.ts";

/**
 * Reads ended reservations and waitlist entries, which were removed from their object, back from D1 between two transactions.
 * They are then decided like any others, so that an answer stays the same however late it is asked for again.
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

  /** Executes requests with what was read back; all of them are `unavailable` if D1 cannot be read, and nothing was done. */
  async execute(
    requests: readonly Request[],
    judge: (requests: readonly Request[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    const gone = this.#gone(withParts(requests));
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

  /** A removed reservation, or null if it never existed. Rejects if D1 cannot be read. */
  async find(id: string): Promise<Reservation | null> {
    const gone = this.#departed([id], []);
    return gone === null ? null : ((await this.#read(gone)).reservations[0] ?? null);
  }

  /** The same for a waitlist entry. */
  async findEntry(id: string): Promise<WaitlistEntry | null> {
    const gone = this.#departed([], [id]);
    return gone === null ? null : ((await this.#read(gone)).entries[0] ?? null);
  }

  #gone(requests: readonly Request[]): Gone | null {
    const reservations = requests.flatMap(({ command }) => (isReservationCommand(command) ? [command.id] : []));
    return this.#departed(reservations, namesOf(requests).entry);
  }

  /** Those of these that are not here but may have been; null: none. */
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

/** Ids of removed items. */
interface Gone {
  reservations: string[];
  entries: string[];
}
