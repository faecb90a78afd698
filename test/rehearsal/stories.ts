import type { CartView, EntryView } from "../../scripts/rehearse/crowd/books.ts";
import type { Reservation } from "../../scripts/rehearse/crowd/sku-books.ts";
import { iso, Story } from "./story.ts";

/** Four units of one SKU, two to a customer: sold, lapsed, returned, refunded, and taken from a newer claim. */
export function skuStory(): Story {
  const story = new Story("sku", { shoe: 4 }, ["shoe"]);
  const books = story.books.of("shoe");
  const ann = hold(story, "ann", 2);
  story.tell(pay(story, ann));
  const bob = hold(story, "bob", 2);
  refuse(story, "shoe", "cal");
  const lapsed = lapse(story, bob);
  const dan = hold(story, "dan", 2);
  const sold = story.tell(pay(story, dan));
  // Bob's payment comes too late, and nothing is left.
  const refund = { orderId: "order-bob", quantity: 2, at: iso(story.at) };
  story.change(lapsed, "reservation.refund_required", {}, { refunds: [refund] }, { refund, code: "hold-expired" });
  books.refunds.add(bob.id, "order-bob", { code: "hold-expired", refundRequired: true } as never);
  story.tell(story.change(sold, "reservation.returned", { sold: -1 }, { returnedQuantity: 1 }));
  // Eve's first hold lapses; her payment for it takes the unit that she holds again.
  const first = lapse(story, hold(story, "eve", 1));
  const newer = hold(story, "eve", 1);
  const by = { id: first.id };
  story.tell(
    story.change(newer, "reservation.released", { held: -1 }, { status: "released" }, { reason: "superseded", by }),
  );
  books.superseded.add(newer.id);
  story.tell(pay(story, first, { held: 0, superseded: [{ id: newer.id, cart: null }] }));
  return story;
}

/** Two sizes with two units each, one to a customer, and laces: carts, a waitlist, and a try that came to nothing. */
export function dropStory(): Story {
  const story = new Story("drop", { a: 2, b: 2, laces: 4 }, ["a", "b"]);
  story.tell(pay(story, grant(story, "a", "ann")));
  cart(story, "bob", ["b", "laces"], "confirmed");
  cart(story, "cal", ["b", "laces"], "expired");
  const tried = story.claim("laces", "dan", 1, { type: "reservation.tried", cart: "cart-dan" });
  story.change(tried, "reservation.cancelled", { held: -1 }, { status: "released" });
  story.forget(tried);
  const held = grant(story, "a", "eve");
  const joined = join(story, "a", "fay");
  const behind = join(story, "a", "guy");
  lapse(story, held);
  offer(story, joined);
  const withdrawn: EntryView = { ...behind, status: "withdrawn", position: null, reason: "left" };
  story.entries.set(behind.id, withdrawn);
  return story;
}

function hold(story: Story, customer: string, quantity: number): Reservation {
  const key = `reserve-${customer}-${story.at}`;
  return story.tell(story.claim("shoe", customer, quantity, { metadata: { key } }), key);
}

/** A claim that its drop's limit has to grant. */
function grant(story: Story, sku: string, customer: string, more: Partial<Reservation> = {}): Reservation {
  const tried = story.claim(sku, customer, 1, { type: "reservation.tried", ...more });
  const held = story.change(tried, "reservation.held", {});
  return more.cart === undefined ? story.tell(held) : held;
}

function pay(
  story: Story,
  one: Reservation,
  { held = -one.quantity, superseded }: { held?: number; superseded?: unknown[] } = {},
): Reservation {
  const changes = {
    status: "confirmed",
    confirmedQuantity: one.quantity,
    orderId: `order-${one.customer}`,
    rescued: one.status === "expired",
  } as const;
  const data = superseded === undefined ? {} : { superseded };
  return story.change(one, "reservation.confirmed", { held, sold: one.quantity }, changes, data);
}

function lapse(story: Story, one: Reservation): Reservation {
  story.at = Math.max(story.at, Date.parse(one.expiresAt));
  return story.change(one, "reservation.expired", { held: -one.quantity }, { status: "expired" });
}

function refuse(story: Story, sku: string, customer: string): void {
  story.books.of(sku).refuse({ code: "insufficient-stock", state: "held_elsewhere" });
  story.books.of(sku).stockRefusals.push({ customer, quantity: 1, from: story.at + 1100, to: story.at + 1200 });
}

function cart(story: Story, customer: string, skus: string[], status: "confirmed" | "expired"): void {
  const id = `cart-${customer}`;
  const held = skus.map((sku) => grant(story, sku, customer, { cart: id }));
  const line = ({ id: reservation, sku }: Reservation) =>
    ({ sku, quantity: 1, status: "held", reservation, problem: null }) as const;
  const [first] = held;
  const opened: CartView = {
    id,
    customer,
    mode: "all_or_nothing",
    status: "held",
    createdAt: first?.createdAt ?? "",
    expiresAt: first?.expiresAt ?? null,
    extendableUntil: first?.extendableUntil ?? null,
    orderId: null,
    rescued: false,
    refunds: [],
    lines: held.map(line),
    version: 1,
  };
  story.books.tellCart(opened, story.at);
  story.books.cartsByKey.set(`key-${id}`, new Set([id]));
  for (const one of held) {
    if (status === "confirmed") pay(story, one);
    else lapse(story, one);
  }
  const orderId = status === "confirmed" ? `order-${customer}` : null;
  const ended = { ...opened, status, orderId, version: 2, lines: opened.lines.map((one) => ({ ...one, status })) };
  story.carts.set(id, ended);
  if (status === "confirmed") story.books.tellCart(ended, story.at);
}

function join(story: Story, sku: string, customer: string): EntryView {
  const place = { status: "waiting", position: 1, reservation: null, offerExpiresAt: null, reason: null } as const;
  const entry: EntryView = {
    id: `entry-${customer}`,
    sku,
    customer,
    quantity: 1,
    ...place,
    createdAt: iso(story.at + 10),
  };
  story.happen(sku, "waitlist.joined", {}, { entry });
  story.books.entries.set(entry.id, entry);
  story.books.stoodUntil.set(entry.id, story.at);
  return entry;
}

/** What has come back is offered to who waits first, who buys it. */
function offer(story: Story, entry: EntryView): void {
  const { sku, customer } = entry;
  const expiresAt = iso(story.at + 10 + story.sale.policy.offerTtlSeconds * 1000);
  const offered = story.claim(sku, customer, 1, { expiresAt });
  const accepted: EntryView = {
    ...entry,
    status: "accepted",
    position: null,
    reservation: offered.id,
    offerExpiresAt: expiresAt,
  };
  story.happen(sku, "waitlist.offered", {}, { entry: accepted });
  story.entries.set(entry.id, accepted);
  story.tell(pay(story, offered));
}
