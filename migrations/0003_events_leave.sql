-- Events get a position: the order in which D1 has taken them in, over all streams. Whoever follows them from outside
-- needs one number to know how far it is, however late a SKU's events arrive.

DROP VIEW movement;
ALTER TABLE event RENAME TO event_without_position;
CREATE TABLE event (
  position INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  sku TEXT,
  type TEXT NOT NULL,
  time INTEGER NOT NULL,
  d_stock INTEGER NOT NULL DEFAULT 0,
  d_held INTEGER NOT NULL DEFAULT 0,
  d_sold INTEGER NOT NULL DEFAULT 0,
  reservation TEXT,
  entry TEXT,
  detail TEXT,
  UNIQUE (stream, sequence)
);
INSERT INTO event (stream, sequence, sku, type, time, d_stock, d_held, d_sold, reservation, entry, detail)
  SELECT stream, sequence, sku, type, time, d_stock, d_held, d_sold, reservation, entry, detail
  FROM event_without_position ORDER BY time, stream, sequence;
DROP TABLE event_without_position;
CREATE INDEX event_time ON event (time);
CREATE VIEW movement AS
  SELECT * FROM event WHERE d_stock <> 0 OR d_held <> 0 OR d_sold <> 0;

-- What the events of a minute add up to, metric by metric; `cursor` says up to which position they are counted.
CREATE TABLE rollup (
  sku TEXT NOT NULL,
  minute INTEGER NOT NULL,
  metric TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (sku, minute, metric)
) WITHOUT ROWID;
-- Position of the first event of each minute, as far as the log is counted: where to begin for all since then.
CREATE TABLE log_minute (minute INTEGER PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE rollup_cursor (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), position INTEGER NOT NULL);
INSERT INTO rollup_cursor (only_row, position) VALUES (1, 0);
-- When a SKU was created and opened, until it first sold out. It stays when the events are removed.
CREATE TABLE milestone (
  sku TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  type TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (sku, sequence)
) WITHOUT ROWID;
-- Claims that gave way to another one of their customer: rare, and asked for whenever a late payment is counted.
CREATE INDEX event_superseded ON event (reservation ->> '$.id')
  WHERE type = 'reservation.released' AND detail ->> '$.reason' = 'superseded';

-- Refusals write no event. Each instance of an object counts its own, so that a count sent twice is the same count.
CREATE TABLE refusal (
  sku TEXT NOT NULL,
  minute INTEGER NOT NULL,
  reason TEXT NOT NULL,
  instance TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (sku, minute, reason, instance)
) WITHOUT ROWID;

CREATE TABLE webhook (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;

-- News that the consumer of the queue could not work off: kept until somebody has looked.
CREATE TABLE dead_letter (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  time INTEGER NOT NULL
) WITHOUT ROWID;
