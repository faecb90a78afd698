-- Carts, drops and the waitlist. Events are of three streams now, of which only a SKU's have a SKU and move units.

ALTER TABLE sku ADD COLUMN membership TEXT;
ALTER TABLE sku ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;

DROP VIEW movement;
ALTER TABLE event RENAME TO event_of_one_sku;
CREATE TABLE event (
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
  PRIMARY KEY (stream, sequence)
) WITHOUT ROWID;
INSERT INTO event (stream, sequence, sku, type, time, d_stock, d_held, d_sold, reservation, detail)
  SELECT stream, sequence, sku, type, time, d_stock, d_held, d_sold, reservation, detail FROM event_of_one_sku;
DROP TABLE event_of_one_sku;
CREATE VIEW movement AS
  SELECT * FROM event WHERE d_stock <> 0 OR d_held <> 0 OR d_sold <> 0;

-- `body` is each as its object knows it; rows change only towards newer versions.
CREATE TABLE waitlist (
  id TEXT PRIMARY KEY,
  sku TEXT NOT NULL,
  customer TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX waitlist_customer ON waitlist (customer, id);
CREATE INDEX waitlist_sku ON waitlist (sku, id);

CREATE TABLE cart (
  id TEXT PRIMARY KEY,
  customer TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX cart_customer ON cart (customer, id);
CREATE INDEX cart_open ON cart (body ->> '$.expiresAt') WHERE status IN ('held', 'confirming');

CREATE TABLE "drop" (
  name TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX drop_updated_at ON "drop" (body ->> '$.updatedAt');
