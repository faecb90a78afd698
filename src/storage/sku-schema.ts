import { hasTable } from "./has-table.ts";
/** Ranks that one row of `waitlist_stretch` counts. */
export const STRETCH_RANKS = 512;

function countWaiting(name: string, on: string, when: string, row: "NEW" | "OLD", by: 1 | -1): string {
  return `CREATE TRIGGER waitlist_${name} AFTER ${on} ON waitlist WHEN ${when} BEGIN
      INSERT INTO waitlist_stretch (stretch, waiting) VALUES (${row}.rank / ${STRETCH_RANKS}, ${by})
        ON CONFLICT DO UPDATE SET waiting = waiting + ${by};
      DELETE FROM waitlist_stretch WHERE stretch = ${row}.rank / ${STRETCH_RANKS} AND waiting = 0;
    END`;
}

/**
 * The schema of a SKU object, as steps that are only ever appended: an object that slept through three releases takes
 * the steps it misses when it wakes. A step that has been released is never edited.
 */
export const SKU_SCHEMA: readonly (readonly string[])[] = [
  [
    `CREATE TABLE sku (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      sku TEXT NOT NULL,
      name TEXT NOT NULL,
      drop_name TEXT,
      stock INTEGER NOT NULL CHECK (stock >= 0),
      held INTEGER NOT NULL CHECK (held >= 0),
      sold INTEGER NOT NULL CHECK (sold >= 0),
      policy TEXT NOT NULL,
      version INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      phase TEXT NOT NULL,
      closed_at INTEGER,
      updated_at INTEGER NOT NULL,
      recorded_version INTEGER NOT NULL DEFAULT 0,
      CHECK (held + sold <= stock)
    )`,
    // Ids are time-ordered, so inserts append; without a rowid the key costs no row of its own.
    `CREATE TABLE reservation (
      id TEXT PRIMARY KEY,
      customer TEXT NOT NULL,
      quantity INTEGER NOT NULL CHECK (quantity >= 0),
      status TEXT NOT NULL CHECK (status IN ('held', 'confirmed', 'released', 'expired', 'returned')),
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      extendable_until INTEGER NOT NULL,
      confirmed_quantity INTEGER NOT NULL CHECK (confirmed_quantity BETWEEN 0 AND quantity),
      returned_quantity INTEGER NOT NULL CHECK (returned_quantity BETWEEN 0 AND confirmed_quantity),
      order_id TEXT,
      rescued INTEGER NOT NULL,
      refunds TEXT,
      cart TEXT,
      metadata TEXT NOT NULL,
      version INTEGER NOT NULL
    ) WITHOUT ROWID`,
    // The quantity is in the index so that overdue units are summed without touching the table.
    "CREATE INDEX reservation_due ON reservation (expires_at, quantity) WHERE status = 'held'",
    "CREATE INDEX reservation_live ON reservation (customer) WHERE status IN ('held', 'confirmed')",
    `CREATE TABLE event (
      sequence INTEGER PRIMARY KEY,
      type TEXT NOT NULL,
      time INTEGER NOT NULL,
      d_stock INTEGER NOT NULL,
      d_held INTEGER NOT NULL,
      d_sold INTEGER NOT NULL,
      reservation TEXT,
      detail TEXT
    )`,
    `CREATE TABLE command (
      key TEXT PRIMARY KEY,
      sequence INTEGER NOT NULL,
      at INTEGER NOT NULL,
      content TEXT NOT NULL,
      outcome TEXT NOT NULL
    ) WITHOUT ROWID`,
    "CREATE INDEX command_sequence ON command (sequence)",
    // What a customer has given back within an hour. Removed with the events that it was counted from.
    `CREATE TABLE abandon (
      customer TEXT PRIMARY KEY,
      since INTEGER NOT NULL,
      count INTEGER NOT NULL
    ) WITHOUT ROWID`,
  ],
  // Tries and locks, drops, the waitlist, and the Relays that are fed from here.
  [
    "ALTER TABLE sku ADD COLUMN membership TEXT",
    "ALTER TABLE sku ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sku ADD COLUMN told_version INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE reservation ADD COLUMN attempt TEXT",
    "ALTER TABLE reservation ADD COLUMN locked_until INTEGER",
    "ALTER TABLE reservation ADD COLUMN counted_by TEXT",
    "ALTER TABLE reservation ADD COLUMN entry TEXT",
    "ALTER TABLE reservation ADD COLUMN lent_to TEXT",
    "ALTER TABLE reservation ADD COLUMN lenders TEXT",
    "ALTER TABLE reservation ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE event ADD COLUMN entry TEXT",
    "DROP INDEX reservation_due",
    `CREATE INDEX reservation_due ON reservation (expires_at, quantity)
      WHERE status = 'held' AND locked_until IS NULL`,
    "CREATE INDEX reservation_tried ON reservation (quantity) WHERE attempt IS NOT NULL",
    "CREATE INDEX reservation_locked ON reservation (locked_until) WHERE locked_until IS NOT NULL",
    `CREATE TABLE waitlist (
      id TEXT PRIMARY KEY,
      customer TEXT NOT NULL,
      quantity INTEGER NOT NULL CHECK (quantity > 0),
      status TEXT NOT NULL CHECK (status IN ('waiting', 'offered', 'accepted', 'declined', 'lapsed', 'withdrawn')),
      rank INTEGER NOT NULL UNIQUE,
      created_at INTEGER NOT NULL,
      reservation TEXT,
      offer_expires_at INTEGER,
      reason TEXT,
      version INTEGER NOT NULL
    ) WITHOUT ROWID`,
    "CREATE INDEX waitlist_waiting ON waitlist (rank) WHERE status = 'waiting'",
    // In serving order for each quantity, so that entries that do not fit are never looked at.
    `CREATE INDEX waitlist_line ON waitlist (quantity, rank) WHERE status = 'waiting' AND reservation IS NULL`,
    // How many wait in each stretch of ranks: a position is counted from these and from one stretch.
    "CREATE TABLE waitlist_stretch (stretch INTEGER PRIMARY KEY, waiting INTEGER NOT NULL)",
    countWaiting("joined", "INSERT", "NEW.status = 'waiting'", "NEW", 1),
    countWaiting("waits_again", "UPDATE OF status", "OLD.status <> 'waiting' AND NEW.status = 'waiting'", "NEW", 1),
    countWaiting("waits_no_more", "UPDATE OF status", "OLD.status = 'waiting' AND NEW.status <> 'waiting'", "OLD", -1),
    "CREATE UNIQUE INDEX waitlist_active ON waitlist (customer) WHERE status IN ('waiting', 'offered')",
    "CREATE TABLE relay (name TEXT PRIMARY KEY) WITHOUT ROWID",
  ],
  // Progress of the queue messages.
  ["ALTER TABLE sku ADD COLUMN announced_version INTEGER NOT NULL DEFAULT 0"],
];

/** The schema version of an object's storage, 0 if nothing was ever written to it. */
export function schemaVersion(sql: SqlStorage): number {
  if (!hasTable(sql, "schema_version")) return 0;
  return sql.exec<{ version: number }>("SELECT MAX(version) AS version FROM schema_version").one().version;
}

/** Migrates the storage to version `to`. Runs inside a transaction: a step is applied completely or not at all. */
export function migrate(sql: SqlStorage, now: number, to: number = SKU_SCHEMA.length): void {
  const from = schemaVersion(sql);
  if (from > to) throw new Error(`this object was written by a newer release: schema ${from}, known ${to}`);
  if (from === 0) sql.exec("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)");
  SKU_SCHEMA.slice(from, to).forEach((statements, index) => {
    for (const statement of statements) sql.exec(statement);
    sql.exec("INSERT INTO schema_version (version, applied_at) VALUES (?, ?)", from + index + 1, now);
  });
}
