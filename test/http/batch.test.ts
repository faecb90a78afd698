import { describe, expect, it } from "vitest";
import { reservationAnswer } from "../../src/contracts/reservation.ts";
import { admin, type Body, call, newSku, reserve, storefront } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

interface Part {
  status: number;
  body: Body;
}

const send = (sku: string, commands: unknown[], headers: Record<string, string> = {}, as = storefront) =>
  call("POST", `/v1/skus/${sku}/batch`, { as, body: { commands }, headers });

/** The outcomes of a batch that was accepted. */
async function outcomes(sku: string, commands: unknown[], headers: Record<string, string> = {}): Promise<Part[]> {
  const answer = await send(sku, commands, headers);
  expect(answer.status).toBe(200);
  return answer.body.outcomes as Part[];
}

const wish = (customer: string, quantity = 1, more: Record<string, unknown> = {}) => ({
  type: "reserve",
  customer,
  quantity,
  ...more,
});
const key = (value = crypto.randomUUID() as string) => ({ "Idempotency-Key": value });
const heldOf = async (sku: string) => (await call("GET", `/v1/skus/${sku}`, { as: admin })).body.held;

describe("a batch", () => {
  it("[BAT2] answers in order with what the single calls would have said", async () => {
    const sku = await newSku(6);
    const { id } = (await reserve(sku, "ann", 2)).body;
    const parts = await outcomes(sku, [
      wish("bob", 3, { metadata: { cart: "c1" }, ttlSeconds: 60 }),
      wish("cid", 2),
      { type: "extend", id, ttlSeconds: 1200 },
      { type: "confirm", id, orderId: "order-1", quantity: 1 },
      wish("cid", 2),
      { type: "return", id, quantity: 1, restock: false, idempotencyKey: "return-1" },
      { type: "release", id },
      { type: "release", id: crypto.randomUUID() },
    ]);
    expect(parts.map(({ status }) => status)).toEqual([201, 409, 200, 200, 201, 200, 409, 404]);
    for (const { status, body } of parts)
      if (status < 300) expect(reservationAnswer.strict().parse(body)).toEqual(body);
    expect(parts[0]?.body).toMatchObject({ customer: "bob", metadata: { cart: "c1" }, stock: { available: 1 } });
    const shortage = { code: "insufficient-stock", type: "/problems/insufficient-stock", available: 1 };
    expect(parts[1]?.body).toMatchObject({ ...shortage, state: "held_elsewhere", status: 409 });
    expect(parts[3]?.body).toMatchObject({ status: "confirmed", confirmedQuantity: 1, orderId: "order-1" });
    expect(parts[5]?.body).toMatchObject({ status: "returned", returnedQuantity: 1 });
    expect(parts[6]?.body).toMatchObject({ code: "already-confirmed", orderId: "order-1" });
    expect(parts[7]?.body).toMatchObject({ code: "not-found", status: 404 });
    expect((await call("GET", `/v1/skus/${sku}`, { as: admin })).body).toMatchObject({ stock: 5, held: 5, sold: 0 });
  });

  it("[BAT1] counts a customer's limit over all of its commands", async () => {
    const sku = await newSku(20, { perCustomerLimit: 3 });
    const parts = await outcomes(
      sku,
      Array.from({ length: 5 }, () => wish("ann")),
    );
    expect(parts.map(({ status }) => status)).toEqual([201, 201, 201, 409, 409]);
    expect(parts[4]?.body).toMatchObject({ code: "limit-exceeded", scope: "sku", used: 3, remaining: 0 });
  });

  it("[BAT1] has 1 to 100 commands", async () => {
    const sku = await newSku(200);
    expectInvalid(await send(sku, []), "commands");
    expectInvalid(
      await send(
        sku,
        Array.from({ length: 101 }, (_, index) => wish(`c${index}`)),
      ),
      "commands",
    );
    expect(
      await outcomes(
        sku,
        Array.from({ length: 100 }, (_, index) => wish(`c${index}`)),
      ),
    ).toHaveLength(100);
  });

  it.each([
    [{ type: "adjust", delta: 1 }, "commands.1.type"],
    [{ type: "batch", commands: [] }, "commands.1.type"],
    [{ customer: "ann", quantity: 1 }, "commands.1.type"],
    [null, "commands.1"],
    [wish("ann", 0), "commands.1.quantity"],
    [wish("ann", 1, { colour: "red" }), "commands.1.colour"],
    [{ type: "reserve", quantity: 1 }, "commands.1.customer"],
    [{ type: "confirm" }, "commands.1.id"],
    [{ type: "release", id: "x".repeat(129) }, "commands.1.id"],
    [{ type: "release", id: crypto.randomUUID(), orderId: "x" }, "commands.1.orderId"],
    [{ type: "return", id: crypto.randomUUID() }, "commands.1.idempotencyKey"],
    [wish("ann", 1, { idempotencyKey: "" }), "commands.1.idempotencyKey"],
    [wish("ann", 1, { idempotencyKey: "two words" }), "commands.1.idempotencyKey"],
    [wish("ann", 1, { idempotencyKey: "x".repeat(256) }), "commands.1.idempotencyKey"],
  ])("[API2] with a command that is malformed is refused whole: %j", async (command, member) => {
    const sku = await newSku(5);
    expectInvalid(await send(sku, [wish("ann"), command]), member);
    expect(await heldOf(sku)).toBe(0);
  });

  it("[API5] is for those who see everything: a display cap cuts nothing", async () => {
    const sku = await newSku(9, { displayCap: 2 });
    const [part] = await outcomes(sku, [wish("ann", 1)]);
    expect(part?.body.stock).toEqual({ state: "open", available: 8, low: false });
  });
});

describe("a batch's key", () => {
  it("[BAT3] stands for the whole answer, refused commands included", async () => {
    const sku = await newSku(2);
    const commands = [wish("ann", 2), wish("bob", 1)];
    const headers = key();
    const first = await send(sku, commands, headers);
    await call("POST", `/v1/skus/${sku}/adjustments`, {
      as: admin,
      body: { delta: 5, reason: "found five" },
      headers: key(),
    });
    const again = await send(sku, commands, headers);
    expect(again.body).toEqual(first.body);
    expect([first, again].map((answer) => answer.headers.get("Idempotency-Replayed"))).toEqual([null, "true"]);
    expectProblem(await send(sku, [...commands].reverse(), headers), "idempotency-key-reused");
    expect(await heldOf(sku)).toBe(2);
  });

  it("[BAT3] is not kept when every command was refused", async () => {
    const sku = await newSku(2, { paused: true });
    const headers = key();
    const refused = await send(sku, [wish("ann"), wish("bob")], headers);
    expect(refused.body.outcomes).toMatchObject([{ status: 409 }, { status: 409 }]);
    await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { policy: { paused: false } } });
    const answer = await send(sku, [wish("ann"), wish("bob")], headers);
    expect(answer.body.outcomes).toMatchObject([{ status: 201 }, { status: 201 }]);
    expect(answer.headers.get("Idempotency-Replayed")).toBeNull();
  });

  it("[IDM1] is enough for the returns in it", async () => {
    const sku = await newSku(5);
    const { id } = (await reserve(sku, "ann", 2)).body;
    const commands = [
      { type: "confirm", id },
      { type: "return", id, quantity: 1 },
    ];
    const headers = key();
    const first = await outcomes(sku, commands, headers);
    expect(first.map(({ status }) => status)).toEqual([200, 200]);
    expect(await outcomes(sku, commands, headers)).toEqual(first);
    expect((await call("GET", `/v1/skus/${sku}`, { as: admin })).body).toMatchObject({ sold: 1, available: 4 });
  });

  it("[BAT4] is not the commands': the same ones under another key happen again", async () => {
    const sku = await newSku(5);
    await outcomes(sku, [wish("ann")], key());
    await outcomes(sku, [wish("ann")], key());
    expect(await heldOf(sku)).toBe(2);
  });
});

describe("a command's own key", () => {
  it("[BAT4] makes a duplicate in the same batch replay", async () => {
    const sku = await newSku(9);
    const twice = wish("ann", 2, { idempotencyKey: "once" });
    const [one, two, other] = await outcomes(sku, [twice, twice, wish("ann", 1, { idempotencyKey: "once" })]);
    expect(one?.status).toBe(201);
    expect(two).toEqual(one);
    expect(other?.body).toMatchObject({ code: "idempotency-key-reused", status: 422 });
    expect(await heldOf(sku)).toBe(2);
  });

  it("[BAT4] holds over batches, wherever the command stands in them", async () => {
    const sku = await newSku(9);
    const mine = wish("ann", 2, { idempotencyKey: "once" });
    const [first] = await outcomes(sku, [mine], key());
    const parts = await outcomes(sku, [wish("bob"), mine], key());
    expect(parts[1]).toEqual(first);
    expect(await heldOf(sku)).toBe(3);
  });

  it("[BAT4] is the single call's: either meets the other", async () => {
    const sku = await newSku(9);
    const headers = key();
    const idempotencyKey = headers["Idempotency-Key"];
    const single = await reserve(sku, "ann", 2, headers);
    const [part] = await outcomes(sku, [wish("ann", 2, { idempotencyKey })]);
    expect(part).toEqual({ status: 201, body: single.body });
    const path = `/v1/skus/${sku}/reservations/${single.body.id}`;
    const [confirmed] = await outcomes(sku, [
      { type: "confirm", id: single.body.id, orderId: "order-1", idempotencyKey },
    ]);
    const options = { as: storefront, body: { orderId: "order-1" }, headers };
    const again = await call("POST", `${path}/confirm`, options);
    expect(again.body).toEqual(confirmed?.body);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    const other = await call("POST", `${path}/confirm`, { ...options, body: { orderId: "order-2" } });
    expectProblem(other, "idempotency-key-reused");
    expect(await heldOf(sku)).toBe(0);
  });

  it("[IDM6] is free again after a refusal", async () => {
    const sku = await newSku(2);
    const mine = wish("ann", 2, { idempotencyKey: "once" });
    const { id } = (await reserve(sku, "bob")).body;
    const parts = await outcomes(sku, [mine, { type: "release", id }, mine]);
    expect(parts.map(({ status }) => status)).toEqual([409, 200, 201]);
  });

  it("[IDM1] is its caller's alone", async () => {
    const sku = await newSku(9);
    const mine = wish("ann", 2, { idempotencyKey: "once" });
    await send(sku, [mine], {}, storefront);
    await send(sku, [mine], {}, admin);
    expect(await heldOf(sku)).toBe(4);
  });
});
