import { describe, expect, it } from "vitest";
import type { Command, Request } from "../../src/domain/command.ts";
import { findsItself } from "../../src/domain/command-facts.ts";
import { isVisible } from "../../src/domain/dispatch.ts";
import { MemoryObject } from "./memory-object.ts";
import {
  ADMIN,
  only,
  partsOf,
  refusalOf,
  request,
  reservationOf,
  Sale,
  START,
  STOREFRONT,
  shopper,
  verdictOf,
} from "./sale.ts";

/** A sale with one hold of three units, `r1`, and one sale of three, `r2`, both of ann. */
function prepared(): Sale {
  const sale = new Sale(20, { holdTtlSeconds: 10 });
  sale.hold({ quantity: 3 });
  sale.sell({ quantity: 3 });
  return sale;
}

const commands: Command[] = [
  { type: "reserve", id: "r9", customer: "ann", quantity: 2, metadata: {} },
  { type: "confirm", id: "r1", orderId: "order-9" },
  { type: "extend", id: "r1", ttlSeconds: 60 },
  { type: "release", id: "r1" },
  { type: "return", id: "r2", quantity: 1, restock: true },
  { type: "adjust", delta: 2, reason: "found" },
  { type: "batch", requests: [request({ type: "release", id: "r1" }), request({ type: "release", id: "r0" })] },
];

describe("a key", () => {
  it.each(commands)("[IDM2] gives the first answer of $type again and writes nothing", (command) => {
    const sale = prepared();
    const first = sale.at(1).run(command, { key: "k1" });
    expect(first).toMatchObject({ ok: true });
    expect(first).not.toHaveProperty("replayed");
    const types = sale.at(5).typesOf(() => {
      expect(sale.run(command, { key: "k1" })).toEqual({ ...first, replayed: true });
    });
    expect(types).toEqual([]);
  });

  it.each(commands)("[IDM3] with other content than $type had is refused", (command) => {
    const sale = prepared();
    sale.run(command, { key: "k1" });
    const types = sale.typesOf(() => {
      expect(refusalOf(sale.run(command, { key: "k1", content: "other" }))).toEqual({ code: "idempotency-key-reused" });
    });
    expect(types).toEqual([]);
  });

  it("[IDM2] of a creation gives the first answer, though the name is taken now", () => {
    const object = new MemoryObject(START);
    const create = request({ type: "create", sku: "shoe-42", name: "Shoe", stock: 7, policy: {} }, { key: "k1" });
    const first = only(object.execute([create]));
    expect(only(object.execute([create]))).toEqual({ ...first, replayed: true });
    expect(verdictOf(only(object.execute([{ ...create, key: "k2" }])))).toBe("sku-exists");
    expect(object.events).toHaveLength(1);
  });

  it("[IDM2] keeps the first answer, whatever has happened since", () => {
    const sale = prepared();
    const extra = { key: "k1", content: "two" };
    const first = sale.run(sale.wish({ quantity: 2 }), extra);
    sale.release(reservationOf(first).id);
    sale.edit({ paused: true });
    const again = sale.at(90).run(sale.wish({ quantity: 2 }), extra);
    expect(again).toEqual({ ...first, replayed: true });
    expect(reservationOf(again).status).toBe("held");
  });

  it("[IDM4] is looked up before every other guard", () => {
    const sale = prepared();
    const command = sale.wish({ quantity: 3 });
    sale.run(command, { key: "k1", content: "three" });
    sale.edit({ paused: true, closesAt: START, maxPerReservation: 1, perCustomerLimit: 1 });
    expect(sale.run(command, { key: "k1", content: "three" })).toMatchObject({ ok: true, replayed: true });
    expect(verdictOf(sale.run(command, { key: "k1", content: "four" }))).toBe("idempotency-key-reused");
  });

  it.each(["confirm", "extend", "release"] as const)("[IDM4] [SEC1] is looked up after ownership (%s)", (type) => {
    const sale = prepared();
    const mine = { actor: shopper("ann"), key: "k1", content: "same" };
    const first = sale.run({ type, id: "r1" }, mine);
    expect(first.ok).toBe(type !== "extend");
    for (const content of ["same", "other"]) {
      const outcome = sale.run({ type, id: "r1" }, { ...mine, content, actor: shopper("bob") });
      expect(refusalOf(outcome)).toEqual({ code: "not-found" });
    }
  });

  it("[IDM6] of a refusal is not kept: a retry is judged afresh, also with other content", () => {
    const sale = new Sale(3);
    const { id } = sale.hold({ customer: "bob", quantity: 3 });
    const extra = { key: "k1", content: "one" };
    expect(verdictOf(sale.run(sale.wish(), extra))).toBe("insufficient-stock");
    sale.release(id);
    const outcome = sale.run(sale.wish(), { key: "k1", content: "two" });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome).not.toHaveProperty("replayed");
    expect(verdictOf(sale.run(sale.wish(), extra))).toBe("idempotency-key-reused");
  });

  it("[IDM6] of an answer that changed nothing is not kept: it changes nothing again", () => {
    const sale = prepared();
    sale.release("r1");
    const extra = { key: "k1" };
    const first = sale.run({ type: "release", id: "r1" }, extra);
    expect(first).not.toHaveProperty("replayed");
    expect(sale.run({ type: "release", id: "r1" }, extra)).toEqual(first);
  });

  it("[IDM2] twice in one transaction is one effect", () => {
    const sale = new Sale(9);
    const extra = { key: "k1", content: "same" };
    const [first, second] = sale.object.execute([request(sale.wish(), extra), request(sale.wish(), extra)]);
    expect(second).toEqual({ ...first, replayed: true });
    expect(sale.counts().held).toBe(1);
  });

  it("[IDM7] that is missing leaves the id of the reservation: the same reserve again is the same hold", () => {
    const sale = new Sale(9);
    const reserve = request(sale.wish({ quantity: 2 }));
    const [first, second] = sale.object.execute([reserve, reserve]);
    expect(second).toEqual(first);
    sale.object.execute([request(sale.wish())]);
    expect(sale.counts().held).toBe(3);
  });

  it("[IDM7] is made for a batch only when one of its commands could not be told from a new one", () => {
    const batchOf = (...commands: Request[]): Command => ({ type: "batch", requests: commands });
    const release = request({ type: "release", id: "r1" });
    const extend = { type: "extend", id: "r1" } as const;
    expect(findsItself(batchOf(release, request(extend, { key: "k1" })))).toBe(true);
    expect(findsItself(batchOf(release, request(extend)))).toBe(false);
  });
});

describe("whose reservation", () => {
  const all: Command[] = [
    { type: "confirm", id: "r1" },
    { type: "extend", id: "r1", ttlSeconds: 60 },
    { type: "release", id: "r1" },
    { type: "return", id: "r2", restock: true },
  ];
  it.each(all)("[SEC1] [SEC2] $type: the holder's, a storefront's and an admin's, nobody else's", (command) => {
    const outcomeFor = (actor: Parameters<typeof request>[1]) => prepared().run(command, actor);
    expect(refusalOf(outcomeFor({ actor: shopper("bob") }))).toEqual({ code: "not-found" });
    expect(verdictOf(outcomeFor({ actor: shopper("ann") }))).toBe(command.type === "extend" ? "extension-limit" : "ok");
    expect(verdictOf(outcomeFor({ actor: { role: "storefront" } }))).toBe("ok");
    expect(verdictOf(outcomeFor({ actor: { role: "admin" } }))).toBe("ok");
  });
});

describe("reading a reservation", () => {
  it.each([
    { actor: shopper("ann"), own: true },
    { actor: shopper("bob"), own: false },
    { actor: STOREFRONT, own: true },
    { actor: ADMIN, own: true },
  ])("[SEC1] [SEC2] ann's is there for $actor: $own", ({ actor, own }) => {
    expect(isVisible(actor, prepared().kept("r1"))).toBe(own);
  });
});

describe("a batch", () => {
  it("[BAT1] [BAT2] judges its commands in order, each for itself", () => {
    const sale = new Sale(4);
    const commands = [
      sale.wish({ quantity: 3 }),
      sale.wish({ quantity: 2 }),
      { type: "release" as const, id: "r1" },
      sale.wish({ quantity: 4 }),
      { type: "confirm" as const, id: "r3" },
    ];
    const outcome = sale.run({ type: "batch", requests: commands.map((one) => request(one)) });
    expect(partsOf(outcome).map(verdictOf)).toEqual(["ok", "insufficient-stock", "ok", "ok", "ok"]);
    expect(outcome).toMatchObject({ commands: ["reserve", "reserve", "release", "reserve", "confirm"] });
    expect(sale.counts()).toEqual({ stock: 4, held: 0, sold: 4 });
  });

  it("[BAT3] keeps the whole answer under its key, refused commands included", () => {
    const sale = new Sale(4);
    const requests = [request(sale.wish({ quantity: 3 })), request(sale.wish({ quantity: 2 }))];
    const batch = { type: "batch" as const, requests };
    const first = sale.run(batch, { key: "k1" });
    sale.release("r1");
    expect(sale.run(batch, { key: "k1" })).toEqual({ ...first, replayed: true });
  });

  it("[BAT3] is judged afresh when all of it was refused", () => {
    const sale = new Sale(2);
    const { id } = sale.hold({ customer: "bob", quantity: 2 });
    const batch = { type: "batch" as const, requests: [request(sale.wish()), request(sale.wish({ quantity: 2 }))] };
    expect(partsOf(sale.run(batch, { key: "k1" })).map(verdictOf)).toEqual([
      "insufficient-stock",
      "insufficient-stock",
    ]);
    sale.release(id);
    const second = sale.run(batch, { key: "k1" });
    expect(second).not.toHaveProperty("replayed");
    expect(partsOf(second).map(verdictOf)).toEqual(["ok", "insufficient-stock"]);
  });

  it("[BAT3] [CNF8] is kept when all it did was to decide a final refund", () => {
    const sale = new Sale(2, { holdTtlSeconds: 10 });
    const { id } = sale.hold({ quantity: 2 });
    sale.at(20).hold({ customer: "bob" });
    const batch = { type: "batch" as const, requests: [request({ type: "confirm", id })] };
    const first = sale.run(batch, { key: "k1" });
    expect(partsOf(first).map(refusalOf)).toEqual([{ code: "hold-expired", refundRequired: true }]);
    expect(sale.run(batch, { key: "k1" })).toEqual({ ...first, replayed: true });
  });

  it("[BAT4] replays a duplicate key inside it, and remembers it outside", () => {
    const sale = new Sale(9);
    const extra = { key: "k1", content: "same" };
    const parts = partsOf(
      sale.run({ type: "batch", requests: [request(sale.wish(), extra), request(sale.wish(), extra)] }),
    );
    expect(parts[1]).toEqual({ ...parts[0], replayed: true });
    expect(sale.counts().held).toBe(1);
    expect(sale.run(sale.wish(), extra)).toEqual({ ...parts[0], replayed: true });
    expect(verdictOf(sale.run(sale.wish(), { key: "k1", content: "other" }))).toBe("idempotency-key-reused");
  });

  it("[BAT4] its commands without a key double when they are told twice", () => {
    const sale = new Sale(9);
    sale.run({ type: "batch", requests: [request(sale.wish()), request(sale.wish())] }, { key: "k1" });
    expect(sale.counts().held).toBe(2);
  });

  it("[BAT1] of a SKU that does not exist is not found as a whole", () => {
    const object = new MemoryObject(START);
    const batch = request({ type: "batch", requests: [request({ type: "release", id: "r1" })] });
    expect(refusalOf(only(object.execute([batch])))).toEqual({ code: "not-found" });
  });
});
