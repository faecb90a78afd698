-- What the SKU objects have written through. Every row carries the sequence number of the event it stems from, so that a
-- batch can be replayed: rows change only towards newer versions, events and keys are added once. Times are milliseconds.

CREATE TABLE sku (
  sku TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  drop_name TEXT,
  stock INTEGER NOT NULL,
  held INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  policy TEXT NOT NULL,
  version INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  phase TEXT NOT NULL,
  closed_at INTEGER,
  updated_at INTEGER NOT NULL,
  -- When the clock has to change something next, as of `version`. If that is long past, the object has to be woken.
  due_at INTEGER
) WITHOUT ROWID;
CREATE INDEX sku_due_at ON sku (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sku_updated_at ON sku (updated_at);

-- `body` is the reservation as the object knows it; ids are time-ordered, so "newest first" is their order.
CREATE TABLE reservation (
  id TEXT PRIMARY KEY,
  sku TEXT NOT NULL,
  customer TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  quantity INTEGER GENERATED ALWAYS AS (body ->> '$.quantity') VIRTUAL,
  order_id TEXT GENERATED ALWAYS AS (body ->> '$.orderId') VIRTUAL
) WITHOUT ROWID;
CREATE INDEX reservation_customer ON reservation (customer, id);
CREATE INDEX reservation_sku ON reservation (sku, id);
CREATE INDEX reservation_status ON reservation (status, id);
CREATE INDEX reservation_sku_status ON reservation (sku, status, id);

CREATE TABLE event (
  stream TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  sku TEXT NOT NULL,
  type TEXT NOT NULL,
  time INTEGER NOT NULL,
  d_stock INTEGER NOT NULL,
  d_held INTEGER NOT NULL,
  d_sold INTEGER NOT NULL,
  reservation TEXT,
  detail TEXT,
  PRIMARY KEY (stream, sequence)
) WITHOUT ROWID;

CREATE VIEW movement AS
  SELECT * FROM event WHERE d_stock <> 0 OR d_held <> 0 OR d_sold <> 0;

CREATE TABLE command (
  sku TEXT NOT NULL,
  key TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  content TEXT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (sku, key)
) WITHOUT ROWID;
-- Keys are removed with the event of their answer.
CREATE INDEX command_sequence ON command (sku, sequence);
