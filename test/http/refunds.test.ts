import { afterEach, describe, expect, it, vi } from "vitest";
import { REFUNDS_SHOWN_MAX } from "../../src/domain/bounds.ts";
import { type Answer, call, newSku, reserve, storefront } from "../client.ts";
import { act as actOnCart, clockTo, heldCart, linesOf, readCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => vi.useRealTimers());

interface RefundEvent {
  stream: string;
  type: string;
  data: {
    refund: unknown;
    code: string;
    reservation?: { id: string; refunds: unknown[] };
    cart?: { refunds: unknown[] };
  };
}

/** What the log says of refunds, of one SKU or of all streams. */
async function refundEvents(sku?: string): Promise<RefundEvent[]> {
  const events: RefundEvent[] = [];
  for (let after = 0; ; ) {
    const query = sku === undefined ? `after=${after}` : `sku=${sku}&after=${after}`;
    const { body } = await call("GET", `/v1/events?${query}&limit=1000`, { as: storefront });
    const items = body.items as (RefundEvent & { position: number; sequence: number })[];
    events.push(...items.filter(({ type }) => type.endsWith(".refund_required")));
    const last = items.at(-1);
    if (last === undefined || items.length < 1000) return events;
    after = sku === undefined ? last.position : last.sequence;
  }
}

function confirm(held: Answer, orderId: string, members: Record<string, unknown> = {}): Promise<Answer> {
  const path = `/v1/skus/${held.body.sku}/reservations/${held.body.id}/confirm`;
  return call("POST", path, { as: storefront, body: { orderId, ...members }, headers: { Prefer: "wait=5" } });
}

function read(held: Answer): Promise<Answer> {
  return call("GET", `/v1/skus/${held.body.sku}/reservations/${held.body.id}`, { as: storefront });
}

describe("a reservation whose payment goes back", () => {
  it("[CNF8] [CNF9] [CNF10] writes it once per order, names the order, and shows it", async () => {
    const sku = await newSku(5);
    const held = await reserve(sku, "ann", 3);
    await call("POST", `/v1/skus/${sku}/reservations/${held.body.id}/release`, { as: storefront });
    for (const orderId of ["one", "two", "one", "two"]) {
      const answer = await confirm(held, orderId, { quantity: 2 });
      expectProblem(answer, "already-released", { refundRequired: true });
      expect(answer.headers.get("Holdfast-Recorded")).toBe("d1");
    }
    const events = await refundEvents(sku);
    const refund = (orderId: string) => ({ orderId, quantity: 2, cart: null });
    expect(events.map(({ data }) => [data.code, data.refund])).toEqual([
      ["already-released", refund("one")],
      ["already-released", refund("two")],
    ]);
    const shown = (orderId: string) => ({ orderId, quantity: 2, at: expect.any(String) });
    expect((await read(held)).body.refunds).toEqual([shown("two"), shown("one")]);
    expect(events[1]?.data.reservation?.refunds).toEqual([shown("two"), shown("one")]);
    const listed = await call("GET", `/v1/reservations?sku=${sku}`, { as: storefront });
    expect(listed.body.items).toMatchObject([{ refunds: [shown("two"), shown("one")] }]);
  });

  it("[CNF10] shows the newest twenty, and forgets none of the others", async () => {
    const held = await reserve(await newSku(5), "ann", 1);
    await confirm(held, "bought");
    for (let index = 0; index <= REFUNDS_SHOWN_MAX; index++) {
      const answer = await confirm(held, `order-${index}`);
      expectProblem(answer, "already-confirmed", { orderId: "bought", refundRequired: true });
    }
    const { version } = (await read(held)).body;
    expectProblem(await confirm(held, "order-0"), "already-confirmed", { orderId: "bought", refundRequired: true });
    const { body } = await read(held);
    expect(body).toMatchObject({ version, refunds: { length: REFUNDS_SHOWN_MAX } });
    expect(body.refunds).toMatchObject([{ orderId: `order-${REFUNDS_SHOWN_MAX}` }, ...Array(19).fill({})]);
  });
});

describe("a cart whose payment goes back", () => {
  it("[CRT23] [CRT24] says so on its own stream and on those of its SKUs, once per order", async () => {
    const [a, b] = [await newSku(5), await newSku(2)];
    const cart = await heldCart(
      [
        { sku: a, quantity: 3 },
        { sku: b, quantity: 2 },
      ],
      { ttlSeconds: 60 },
    );
    clockTo(cart.body.expiresAt, 1000);
    const other = await reserve(b, "bob");
    for (const orderId of ["one", "one", "two"]) {
      expectProblem(await actOnCart(cart, "confirm", { orderId }), "hold-expired", { refundRequired: true });
    }
    const cartId = cart.body.id;
    const refund = (orderId: string, quantity: number) => ({
      refund: { orderId, quantity, cart: cartId },
      code: "hold-expired",
    });
    for (const [sku, quantity] of [
      [a, 3],
      [b, 2],
    ] as const) {
      await expect
        .poll(async () => (await refundEvents(sku)).map(({ data }) => data), { timeout: 5000 })
        .toMatchObject([refund("one", quantity), refund("two", quantity)]);
    }
    const own = (await refundEvents()).filter(({ stream }) => stream === `cart/${cartId}`);
    expect(own.map(({ data }) => data)).toMatchObject([refund("one", 5), refund("two", 5)]);
    const refunds = [
      { orderId: "two", quantity: 5 },
      { orderId: "one", quantity: 5 },
    ];
    expect((await readCart(cart)).body).toMatchObject({ status: "expired", refunds });
    const [line] = linesOf(await readCart(cart));
    const reservation = await call("GET", `/v1/skus/${a}/reservations/${line?.reservation}`, { as: storefront });
    expect(reservation.body.refunds).toMatchObject([
      { orderId: "two", quantity: 3 },
      { orderId: "one", quantity: 3 },
    ]);

    // Another order is judged anew, and the refused ones stay refused.
    await call("POST", `/v1/skus/${b}/reservations/${other.body.id}/release`, { as: storefront });
    expect((await actOnCart(cart, "confirm", { orderId: "three" })).body).toMatchObject({ rescued: true, refunds });
    expectProblem(await actOnCart(cart, "confirm", { orderId: "one" }), "hold-expired", { refundRequired: true });
  });

  it("[CRT23] [CRT24] that was sold or released writes a second payment as well", async () => {
    const [sold, released] = [await heldCart([await newSku(5)]), await heldCart([await newSku(5), await newSku(5)])];
    await actOnCart(sold, "confirm", { orderId: "bought" });
    await actOnCart(released, "release");
    const skus = [sold, released].flatMap((cart) => linesOf(cart).map(({ sku }) => sku));
    const twice = { orderId: "bought", refundRequired: true };
    for (let round = 0; round < 2; round++) {
      expectProblem(await actOnCart(sold, "confirm", { orderId: "late" }), "already-confirmed", twice);
      const gone = { refundRequired: true };
      expectProblem(await actOnCart(released, "confirm", { orderId: "late" }), "already-released", gone);
    }
    for (const sku of skus) {
      await expect
        .poll(() => refundEvents(sku), { timeout: 5000 })
        .toMatchObject([{ data: { refund: { orderId: "late", quantity: 1 } } }]);
    }
  });
});
