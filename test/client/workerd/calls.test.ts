import { describe, expect, it } from "vitest";
import { newSku } from "../../client.ts";
import { asAdmin, asShopper, asStorefront, clientOf, taken } from "./through.ts";

const name = () => `c-${crypto.randomUUID().slice(0, 8)}`;

describe("the client and the real service", () => {
  it("create, read, change, restock and list SKUs", async () => {
    const { skus } = asAdmin();
    const sku = name();
    const created = await taken(skus.create({ sku, name: "Shoe", stock: 3 }));
    expect(created).toMatchObject({ sku, stock: 3, revision: 1 });
    expect(await skus.create({ sku, name: "Shoe", stock: 3 })).toMatchObject({ refusal: { code: "sku-exists" } });
    const edit = { policy: { perCustomerLimit: 2 } };
    expect(await taken(skus.patch(sku, edit, { ifRevision: 1 }))).toMatchObject({ revision: 2 });
    expect(await skus.patch(sku, { name: "Boot" }, { ifRevision: 1 })).toMatchObject({
      refusal: { code: "version-mismatch", revision: 2 },
    });
    expect(await taken(skus.adjust(sku, { delta: 2, reason: "found" }, { waitSeconds: 5 }))).toMatchObject({
      stock: 5,
    });
    expect(await skus.adjust(sku, { delta: -9, reason: "lost" })).toMatchObject({
      refusal: { code: "stock-in-use", available: 5 },
    });
    expect(await taken(clientOf(null).skus.read(sku))).toMatchObject({ available: 5, state: "open" });
    await skus.create({ sku: name(), name: "Boot", stock: 1 }, { waitSeconds: 5 });
    const page = await taken(skus.list({ limit: 1 }));
    expect([page.items.length, typeof page.nextCursor]).toEqual([1, "string"]);
    const movements = await taken(skus.movements(sku, { after: 0 }));
    expect(movements.items.map(({ type }) => type)).toEqual(["sku.created", "stock.adjusted"]);
    expect(await taken(skus.analytics(sku, { bucketSeconds: 60 }))).toMatchObject({ bucketSeconds: 60 });
  });

  it("[RSV1] take a reservation from its hold to its return", async () => {
    const sku = await newSku(3);
    const { reservations, seen } = asStorefront();
    const held = await taken(reservations.reserve(sku, { quantity: 2, customer: "ann", ttlSeconds: 60 }));
    expect(held).toMatchObject({ status: "held", stock: { available: 1 } });
    expect(await taken(reservations.extend(sku, held.id, { ttlSeconds: 300 }))).toMatchObject({ status: "held" });
    const sold = await reservations.confirm(sku, held.id, { orderId: "o1" });
    expect(sold).toMatchObject({ ok: true, recorded: "d1", value: { status: "confirmed" } });
    expect(await reservations.confirm(sku, held.id, { orderId: "o2" })).toMatchObject({
      refusal: { code: "already-confirmed", orderId: "o1", refundRequired: true },
    });
    expect(await taken(reservations.return(sku, held.id, { quantity: 1 }))).toMatchObject({ returnedQuantity: 1 });
    expect(await taken(reservations.read(sku, held.id))).toMatchObject({ status: "confirmed" });
    expect(await taken(reservations.list({ sku, customer: "ann" }))).toMatchObject({ items: [{ id: held.id }] });
    expect(seen.filter(({ method }) => method === "POST").every(({ key }) => key !== null)).toBe(true);
  });

  it("[SEC1] let a shopper see what is its own, with a refusal for everything else", async () => {
    const sku = await newSku(3, { displayCap: 2 });
    const [ann, bob] = [await asShopper("ann"), await asShopper("bob")];
    const held = await taken(ann.reservations.reserve(sku, { quantity: 1 }));
    expect(await taken(ann.skus.own(sku))).toMatchObject({ myUnits: 1, reservations: [{ id: held.id }] });
    expect(await bob.reservations.read(sku, held.id)).toMatchObject({ refusal: { code: "not-found" } });
    expect(await taken(ann.reservations.release(sku, held.id))).toMatchObject({ status: "released" });
    const refused = await bob.reservations.reserve(sku, { quantity: 4 });
    expect(refused).toMatchObject({ refusal: { code: "insufficient-stock", available: 2, capped: true } });
    await expect(bob.skus.create({ sku: name(), name: "x", stock: 1 })).rejects.toMatchObject({ code: "forbidden" });
    await expect(bob.reservations.reserve(sku, { quantity: 0 })).rejects.toMatchObject({ code: "invalid-request" });
  });

  it("[CRT11] hold, extend, confirm and release carts, and say of each line why not", async () => {
    const [shoe, laces] = [await newSku(2), await newSku(1)];
    const { carts } = await asShopper("ann");
    const lines = [shoe, laces].map((sku) => ({ sku, quantity: 1 }));
    const cart = await taken(carts.open({ lines, ttlSeconds: 60 }));
    expect(cart.status).toBe("held");
    expect(await taken(carts.extend(cart.id, { ttlSeconds: 600 }))).toMatchObject({ status: "held" });
    const refused = await (await asShopper("bob")).carts.open({ lines });
    if (refused.ok) throw new Error("there was one pair of laces");
    const { problem } = refused.refusal.lines.find(({ sku }) => sku === laces) ?? {};
    expect(problem?.code === "insufficient-stock" && problem.state).toBe("held_elsewhere");
    expect(await taken(asStorefront().carts.confirm(cart.id, { orderId: "o1" }))).toMatchObject({
      status: "confirmed",
    });
    expect(await carts.release(cart.id)).toMatchObject({ refusal: { code: "already-confirmed" } });
    expect(await taken(carts.read(cart.id))).toMatchObject({ orderId: "o1" });
  });

  it("[DRP10] make, change and read drops", async () => {
    const { drops } = asAdmin();
    const [drop, sku] = [name(), await newSku(2)];
    expect(await taken(drops.create({ drop, name: "Noon", skus: [sku] }))).toMatchObject({ drop, revision: 1 });
    expect(await drops.create({ drop, name: "Noon", skus: [sku] })).toMatchObject({ refusal: { code: "drop-exists" } });
    expect(await taken(drops.patch(drop, { paused: true }, { ifRevision: 1 }))).toMatchObject({ paused: true });
    expect(await drops.patch(drop, { name: "Late" }, { ifRevision: 1 })).toMatchObject({
      refusal: { code: "version-mismatch", revision: 2 },
    });
    expect(await taken(clientOf(null).drops.read(drop))).toMatchObject({ paused: true });
    const refused = await (await asShopper("ann")).reservations.reserve(sku, { quantity: 1 });
    expect(refused).toMatchObject({ refusal: { code: "paused" } });
    expect(await taken(drops.analytics(drop))).toMatchObject({ totals: { holds: 0 } });
  });

  it("[WTL1] join the waitlist, look where one stands, and leave", async () => {
    const sku = await newSku(1);
    const [ann, bob] = [await asShopper("ann"), await asShopper("bob")];
    expect(await ann.waitlist.join(sku, { quantity: 1 })).toMatchObject({
      refusal: { code: "stock-available", available: 1 },
    });
    await ann.reservations.reserve(sku, { quantity: 1 });
    const entry = await taken(bob.waitlist.join(sku, { quantity: 1 }));
    expect(await bob.waitlist.join(sku, { quantity: 1 })).toMatchObject({
      refusal: { code: "already-waiting", entry: entry.id },
    });
    expect(await taken(bob.waitlist.read(sku, entry.id))).toMatchObject({ position: 1 });
    expect(await bob.waitlist.leave(sku, entry.id)).toMatchObject({ ok: true });
    expect(await taken(bob.waitlist.read(sku, entry.id))).toMatchObject({ status: "withdrawn", reason: "left" });
  });

  it("[WHK17] register, watch, renew and delete webhooks", async () => {
    const { webhooks } = asAdmin();
    const made = await taken(webhooks.create({ url: "https://erp.example/holdfast", events: ["*"] }));
    expect(made.secret).toMatch(/^whsec_/);
    expect((await taken(webhooks.list())).items.map(({ id }) => id)).toContain(made.id);
    expect(await taken(webhooks.read(made.id))).toMatchObject({ status: "active", pending: expect.any(Number) });
    expect((await taken(webhooks.rotate(made.id))).secret).not.toBe(made.secret);
    expect(await taken(webhooks.deliveries(made.id, { status: "pending", limit: 5 }))).toHaveProperty("items");
    expect(await webhooks.redeliver(made.id, "none")).toMatchObject({ refusal: { code: "not-found" } });
    expect(await taken(webhooks.redeliverSince(made.id, made.createdAt))).toMatchObject({ id: made.id });
    expect(await webhooks.delete(made.id)).toMatchObject({ ok: true });
    expect(await webhooks.read(made.id)).toMatchObject({ refusal: { code: "not-found" } });
  });

  it("read the log and how the service is", async () => {
    const { operations, skus } = asAdmin();
    const sku = await newSku(1);
    await skus.adjust(sku, { delta: 1, reason: "found" }, { waitSeconds: 5 });
    const page = await taken(operations.events({ sku, limit: 1 }));
    expect(page.items.map(({ type }) => type)).toEqual(["sku.created"]);
    const next = await taken(operations.events({ sku, after: page.nextCursor ?? "" }));
    expect(next.items.map(({ type }) => type)).toEqual(["stock.adjusted"]);
    expect(await taken(operations.health())).toEqual({ status: "ok" });
    expect(await taken(operations.readiness())).toMatchObject({ objects: "ok" });
    expect(await taken(operations.metrics())).toContain("# TYPE");
  });
});
