import type { Evidence } from "../../scripts/rehearse/audit/evidence.ts";
import type { CartView } from "../../scripts/rehearse/crowd/books.ts";
import { add, done, type Fault, find, first, move, ofType, seen, seenIn } from "./faults.ts";
import { iso, type Story } from "./story.ts";

const cart = (id: string, over: Partial<CartView>) => seen(({ carts }) => Object.assign(carts.get(id) ?? {}, over));
const entry = (id: string, over: object) => seen(({ entries }) => Object.assign(entries.get(id) ?? {}, over));

/** What may go wrong with a drop, its carts and its waitlist, each with the promise that it breaks. */
export const dropFaults: readonly Fault[] = [
  ["no customer over the drop's limit", "ann had 2", done((story) => story.tell(story.claim("b", "ann", 1)))],
  ["no allowance leaked", "zoe", seen(({ probed }) => probed?.wronged.push("zoe"))],
  ["no allowance leaked", "nobody has tried", seen((evidence) => Object.assign(evidence, { probed: null }))],
  [
    "every cart ended whole",
    "was held and is gone",
    seen(({ carts }) => (carts as Map<string, unknown>).delete("cart-bob")),
  ],
  ["every cart ended whole", "is still held", cart("cart-cal", { status: "held" })],
  ["every cart ended whole", "was told confirmed, and is expired", cart("cart-bob", { status: "expired" })],
  ["every cart ended whole", "is sold to other, not order-bob", cart("cart-bob", { orderId: "other" })],
  [
    "every cart ended whole",
    "was refused for good, and then sold",
    seen(({ books }) => {
      const problem = { code: "hold-expired", refundRequired: true } as never;
      books.cartRefunds.add("cart-bob", "order-bob", problem);
    }),
  ],
  [
    "every cart ended whole",
    "is expired",
    seen((all) => Object.assign(lineOf(all, "laces", "bob"), { status: "expired" })),
  ],
  ["every cart ended whole", "never told of, is confirmed", seen((all) => untold(all, "cart-bob"))],
  [
    "every cart ended whole",
    "is gone",
    seen((all) => {
      untold(all, "cart-bob");
      all.skus.get("laces")?.record.reservations.clear();
    }),
  ],
  [
    "carts held until their end",
    "before the end of cart-cal",
    seenIn("b", ({ record }) => move(ofType(record.movements, "reservation.expired"), -1000)),
  ],
  [
    "what failed gave its units back",
    "was set aside for",
    seenIn("laces", ({ record }) => move(ofType(record.movements, "reservation.cancelled"), 12_000)),
  ],
  [
    "what failed gave its units back",
    "sold a line of a cart that failed",
    seen((all) => (all.carts as Map<string, unknown>).delete("cart-bob")),
  ],
  [
    "what failed gave its units back",
    "was never settled",
    done((story) => story.claim("laces", "zoe", 1, { type: "reservation.tried", cart: "cart-zoe" })),
  ],
  [
    "first come, first offered",
    "entry-guy was passed by entry-fay",
    seen(({ entries, books }) => {
      Object.assign(entries.get("entry-guy") ?? {}, { createdAt: iso(0) });
      books.stoodUntil.set("entry-guy", Date.now());
    }),
  ],
  ["first come, first offered", "took a unit while entry-guy waited", done(jumpTheLine)],
  [
    "every entry ended as its offer",
    "waited and is gone",
    seen(({ entries }) => (entries as Map<string, unknown>).clear()),
  ],
  ["every entry ended as its offer", "is still waiting", entry("entry-guy", { status: "waiting" })],
  ["every entry ended as its offer", "was withdrawn: closed", entry("entry-guy", { reason: "closed" })],
  [
    "every entry ended as its offer",
    "is declined, but its offer is confirmed",
    entry("entry-fay", { status: "declined" }),
  ],
  ["every entry ended as its offer", "was offered until", entry("entry-fay", { offerExpiresAt: iso(0) })],
  [
    "watchers saw all sizes open",
    "saw b open 5000 ms after",
    seen(({ watchers, sale }) => first(watchers).openedAt.set("b", sale.opensAt + 5000)),
  ],
  ["watchers saw all sizes open", "saw a open Infinity ms", seen(({ watchers }) => first(watchers).openedAt.clear())],
  [
    "customers heard of their own",
    "fay was not told of entry-fay, offered",
    seen(({ watchers }) => find(watchers, ({ customer }) => customer === "fay").offers.clear()),
  ],
  ["a retried key has one effect", "made 2 carts", seen(({ books }) => first(books.cartsByKey.values()).add("other"))],
  ["no unit lost, made or stranded", "b: ", seenIn("b", ({ record }) => add(record.sku, "stock", 1))],
];

function lineOf({ skus }: Evidence, sku: string, customer: string) {
  const reservations = [...(skus.get(sku)?.record.reservations.values() ?? [])];
  return find(reservations, (one) => one.customer === customer);
}

/** A cart is there of which nobody was told. */
function untold({ books, carts, untoldCarts }: Evidence, id: string): void {
  const found = carts.get(id);
  books.carts.delete(id);
  if (found !== undefined) (untoldCarts as Map<string, CartView>).set(id, found);
}

/** Somebody claims what comes back while the next in line still waits. */
function jumpTheLine(story: Story): void {
  story.change(story.of("a", "ann"), "reservation.returned", { sold: -1 }, { returnedQuantity: 1 });
  story.tell(story.claim("a", "zoe", 1));
  story.books.stoodUntil.set("entry-guy", story.at + 1000);
}
