import { describe, expect, it } from "vitest";
import { CART_DECISION_MS, CONTENTION_MS } from "../../src/domain/bounds.ts";
import type { Asked } from "../../src/domain/cart.ts";
import { type Cart, fateOf } from "../../src/domain/cart.ts";
import { askConfirmation, askExtension, askRelease } from "../../src/domain/cart-changes.ts";
import { cartEvents } from "../../src/domain/cart-events.ts";
import { askLoan, endLoan } from "../../src/domain/cart-loan.ts";
import { refundCart } from "../../src/domain/cart-refund.ts";
import { messagesOf, receive } from "../../src/domain/cart-steps.ts";
import type { Refusal } from "../../src/domain/command.ts";
import { CartWorld } from "./cart-world.ts";

const HELD_MS = 900_000;
const EXTENDABLE_MS = 1_800_000;

/** A cart of two lines. */
function opened(mode: Cart["mode"] = "all_or_nothing"): CartWorld {
  const world = new CartWorld();
  world.addSku("a", 3);
  world.addSku("b", 3);
  world.open("cart", { mode, lines: ["b", "a"].map((sku) => ({ sku, quantity: 1 })) });
  return world;
}

function held(): CartWorld {
  const world = opened();
  world.drive("cart");
  return world;
}

function heldThen(...asks: ((world: CartWorld) => unknown)[]): CartWorld {
  const world = held();
  for (const ask of asks) {
    ask(world);
    world.drive("cart");
  }
  return world;
}

const confirm = (orderId: string | null) => (world: CartWorld) =>
  world.ask("cart", (cart) => askConfirmation(cart, orderId, world.now));
const release = (world: CartWorld) => world.ask("cart", askRelease);
const extend = (ttlSeconds: number | null) => (world: CartWorld) =>
  world.ask("cart", (cart) => askExtension(cart, "storefront", ttlSeconds, world.now));
const expire = (world: CartWorld) => world.pass(HELD_MS);
const refundIt = (world: CartWorld) => {
  world.pass(86_400_000);
  confirm("late")(world);
};

function refusalOf(asked: Asked): Refusal {
  if (asked.kind !== "refused") throw new Error(`not refused: ${asked.kind}`);
  return asked.refusal;
}

describe("what a cart is asked", () => {
  const released = (refundRequired: boolean) => ({ code: "already-released", refundRequired });
  const confirmed = (refundRequired: boolean) => ({ code: "already-confirmed", orderId: "o", refundRequired });
  const dead = (refundRequired: boolean) => ({ code: "hold-expired", refundRequired });

  it.each([
    {
      was: "confirmed",
      by: [confirm("o")],
      extend: confirmed(false),
      release: confirmed(false),
      other: confirmed(true),
    },
    { was: "released", by: [release], extend: released(false), release: "unchanged", other: released(true) },
    { was: "expired", by: [expire], extend: dead(false), release: "unchanged", other: "begun" },
    { was: "refunded", by: [expire, refundIt], extend: dead(true), release: "unchanged", other: "begun" },
  ])("[CRT22] once it is $was", (row) => {
    const answer = (asked: Asked) => (asked.kind === "refused" ? asked.refusal : asked.kind);
    expect(answer(extend(null)(heldThen(...row.by)))).toEqual(row.extend);
    expect(answer(release(heldThen(...row.by)))).toEqual(row.release);
    expect(answer(confirm("other")(heldThen(...row.by)))).toEqual(row.other);
  });

  it("[CRT22] the same confirmation again is no other, and one without an order asks for no money back", () => {
    expect(confirm("o")(heldThen(confirm("o"))).kind).toBe("unchanged");
    expect(refusalOf(confirm(null)(heldThen(confirm("o"))))).toMatchObject({
      code: "already-confirmed",
      refundRequired: false,
    });
  });

  it("[CRT22] while something else is under way, to come again", () => {
    const pending = opened();
    for (const ask of [confirm("o"), release, extend(null)]) {
      expect(refusalOf(ask(pending))).toEqual({ code: "overloaded" });
    }
    const confirming = held();
    confirm("o")(confirming);
    expect(confirm("o")(confirming).kind).toBe("unchanged");
    // It is not known yet whether the first order is honored.
    expect(refusalOf(confirm("p")(confirming))).toEqual({ code: "overloaded" });
    expect(refusalOf(release(confirming))).toMatchObject({ code: "already-confirmed", refundRequired: false });
  });
});

describe("more time", () => {
  it("[CRT16] is given to all lines and then to the cart, to the same instant", () => {
    const world = held();
    world.pass(200_000);
    const until = world.now + HELD_MS;
    expect(extend(null)(world).kind).toBe("begun");
    expect(world.cart("cart").expiresAt).toBe(world.now - 200_000 + HELD_MS);
    world.drive("cart");
    expect(world.cart("cart")).toMatchObject({ phase: "held", expiresAt: until, isUneven: false });
    expect(world.linesOf("cart").map(({ expiresAt }) => expiresAt)).toEqual([until, until]);
  });

  it("[CRT16] ends where the lines end, and is refused where it would gain nothing", () => {
    const world = held();
    const { createdAt } = world.cart("cart");
    extend(5_000)(world);
    world.drive("cart");
    expect(world.cart("cart").expiresAt).toBe(createdAt + EXTENDABLE_MS);
    const limit = { code: "extension-limit", extendableUntil: createdAt + EXTENDABLE_MS };
    expect(refusalOf(extend(5_000)(world))).toEqual(limit);
    expect(refusalOf(extend(60)(held()))).toMatchObject({ code: "extension-limit" });
  });

  it("[CRT7] that only some lines got is taken back when the cart's own time is over", () => {
    const world = held();
    world.pass(200_000);
    extend(null)(world);
    const [first] = world.messages("cart");
    if (first) world.say("cart", first);
    world.pass(HELD_MS);
    // The other line has expired by now, and cannot follow.
    world.drive("cart");
    expect(world.cart("cart")).toMatchObject({ status: "expired", phase: "ended" });
    expect(world.linesOf("cart").filter(({ status }) => status === "held")).toEqual([]);
  });
});

describe("what a SKU is told about a locked line", () => {
  it("[CRT8] is to wait until it is decided, then to sell, and else to unlock", () => {
    const world = held();
    confirm("o")(world);
    expect(fateOf(world.cart("cart"), "cart-a")).toBe("wait");
    for (const message of world.messages("cart")) world.say("cart", message);
    expect(fateOf(world.cart("cart"), "cart-a")).toBe("confirm");
    world.drive("cart");
    expect(fateOf(world.cart("cart"), "cart-a")).toBe("confirm");
    expect(fateOf(world.cart("cart"), "another")).toBe("unlock");
    expect(fateOf(held().cart("cart"), "cart-a")).toBe("unlock");
  });
});

describe("a line that is short because of other tries", () => {
  const contended = { kind: "no" as const, refusal: { code: "insufficient-stock", contended: true } as Refusal };

  it("[CRT4] is tried again for a second, and not when another line has failed for good", () => {
    const world = opened();
    world.drive("cart", undefined, 1);
    const [message] = world.messages("cart");
    if (message === undefined) throw new Error("nothing to say");
    const again = receive(world.cart("cart"), message, contended, world.now);
    expect(messagesOf(again)).toEqual([message]);
    expect(messagesOf(receive(again, message, contended, world.now + CONTENTION_MS - 1))).toEqual([message]);
    const given = receive(again, message, contended, world.now + CONTENTION_MS);
    expect(given.lines[0]).toMatchObject({ state: "refused" });
    // The drop's limit is what the look at the other line cannot have told.
    const over = { code: "limit-exceeded", limit: 1, used: 1, remaining: 0, scope: "drop" } as const;
    const failed = receive(world.cart("cart"), message, { kind: "no", refusal: over }, world.now);
    const [second] = messagesOf(failed);
    if (second === undefined) throw new Error("nothing to say");
    expect(receive(failed, second, contended, world.now).lines[1]).toMatchObject({ state: "refused" });
  });

  it("[CRT26] is not tried again, nor are others tried, when the first line has failed for good", () => {
    const world = opened();
    world.drive("cart", undefined, 1);
    const [message] = world.messages("cart");
    if (message === undefined) throw new Error("nothing to say");
    const refusal = { code: "insufficient-stock", available: 0, state: "sold_out", displayCap: null } as const;
    const failed = receive(world.cart("cart"), message, { kind: "no", refusal }, world.now);
    expect(failed).toMatchObject({ status: "released", phase: "ended" });
    expect(failed.lines.map((line) => line.refusal)).toEqual([refusal, null]);
  });

  it("[CRT4] gives up with its cart when that takes too long", () => {
    const world = opened();
    world.drive("cart", undefined, 1);
    world.pass(CART_DECISION_MS);
    expect(world.messages("cart").map(({ type }) => type)).toEqual(["release", "release"]);
    world.drive("cart");
    expect(world.cart("cart")).toMatchObject({ status: "released", version: 0 });
  });
});

describe("what a cart of several lines asks its SKUs before it tries", () => {
  const typesOf = (world: CartWorld, sku: string) => world.object(sku).events.map(({ type }) => type);

  function shortOf(mode: Cart["mode"]): CartWorld {
    const world = opened(mode);
    world.addSku("b", 0);
    world.drive("cart");
    return world;
  }

  it("[CRT26] is whether any line would be refused, and then none is tried", () => {
    const world = shortOf("all_or_nothing");
    expect(world.cart("cart")).toMatchObject({ status: "released", phase: "ended" });
    expect(world.cart("cart").lines.map(({ refusal }) => refusal?.code)).toContain("insufficient-stock");
    expect([typesOf(world, "a"), typesOf(world, "b")]).toEqual([["sku.created"], ["sku.created"]]);
  });

  it("[CRT26] holds up no line of a cart that takes what there is", () => {
    expect(typesOf(shortOf("best_effort"), "a")).toContain("reservation.tried");
  });
});

describe("a cart that is lent to a late payment", () => {
  const TO = { name: "sku/late", sku: "a", id: "late", serial: 1 };
  const lend = (world: CartWorld) => world.ask("cart", (cart) => askLoan(cart, TO, world.now));
  const end = (fate: "restore" | "supersede") => (world: CartWorld) =>
    world.keep(endLoan(world.cart("cart"), { rescue: TO.name, serial: TO.serial, fate }, world.now));
  const statesOf = (world: CartWorld) => world.linesOf("cart").map(({ status, lentTo }) => [status, lentTo?.name]);

  it("[CRT27] is lent with all of its lines, and everybody else is to come again", () => {
    const world = heldThen(lend);
    expect(world.cart("cart")).toMatchObject({ status: "held", phase: "lent" });
    expect(statesOf(world)).toEqual(Array(2).fill(["held", TO.name]));
    for (const ask of [confirm("o"), release, extend(null)]) {
      expect(refusalOf(ask(world))).toEqual({ code: "overloaded" });
    }
  });

  it("[CRT27] is what it was, or gives way with all of its lines", () => {
    const restored = heldThen(lend, end("restore"));
    expect(restored.cart("cart")).toMatchObject({ status: "held", phase: "held" });
    expect(statesOf(restored)).toEqual(Array(2).fill(["held", undefined]));
    const superseded = heldThen(lend, end("supersede"));
    expect(superseded.cart("cart")).toMatchObject({ status: "released", phase: "ended" });
    expect(statesOf(superseded)).toEqual(Array(2).fill(["released", undefined]));
    expect(confirm("o")(superseded).kind).toBe("begun");
  });
});

describe("the events of a cart", () => {
  const typesOf = (...asks: ((world: CartWorld) => unknown)[]) => {
    const world = opened();
    const seen: string[] = [];
    const step = (act: () => unknown) => {
      const before = world.cart("cart");
      act();
      seen.push(...cartEvents(before, world.cart("cart")));
    };
    for (const ask of [() => undefined, ...asks]) {
      step(() => ask(world));
      for (let message = world.messages("cart")[0]; message; message = world.messages("cart")[0]) {
        const next = message;
        step(() => world.say("cart", next));
      }
    }
    return seen;
  };

  it("[CRT21] tell what became of it, each once", () => {
    expect(typesOf(confirm("o"))).toEqual(["cart.held", "cart.confirmed"]);
    expect(typesOf(release, release)).toEqual(["cart.held", "cart.released"]);
    expect(typesOf((world) => [world.pass(1000), extend(null)(world)])).toEqual(["cart.held", "cart.extended"]);
  });

  it("[CRT21] tell of an end, a late sale and a refund", () => {
    const before = held().cart("cart");
    const expired: Cart = { ...before, status: "expired", phase: "ended" };
    expect(cartEvents(before, expired)).toEqual(["cart.expired"]);
    const confirming: Cart = { ...expired, status: "confirming", phase: "locking" };
    expect(cartEvents(expired, confirming)).toEqual([]);
    const refunded = refundCart(expired, { orderId: "o", code: "hold-expired" }, 1);
    expect(cartEvents(confirming, refunded)).toEqual(["cart.refund_required"]);
    const again = refundCart(refunded, { orderId: "p", code: "hold-expired" }, 2);
    expect(cartEvents(refunded, again)).toEqual(["cart.refund_required"]);
    expect(cartEvents(confirming, { ...confirming, status: "confirmed" })).toEqual(["cart.confirmed"]);
    expect(cartEvents({ ...before, status: "pending" }, { ...before, status: "released" })).toEqual([]);
  });
});
