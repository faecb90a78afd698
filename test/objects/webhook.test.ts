import { describe, expect, it } from "vitest";
import { call, newSku, storefront } from "../client.ts";
import { Endpoint } from "../receiver/endpoint.ts";
import { ObjectSale } from "./object-sale.ts";

const types = (events: readonly { type: string }[]) => events.map(({ type }) => type);

describe("what a webhook is sent", () => {
  it("[WHK3] is every event of its streams from its creation on, in order, as signed CloudEvents", async () => {
    const sale = await ObjectSale.open(5);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name] });
    const hold = await sale.hold();
    await sale.confirm(hold.id);
    await sale.recorded();
    await endpoint.wake();
    await endpoint.calledTimes(2);
    const events = await endpoint.received();
    expect(types(events)).toEqual(["reservation.held", "reservation.confirmed"]);
    expect(events[0]).toMatchObject({
      specversion: "1.0",
      id: `sku/${sale.name}:2`,
      source: "/v1/events",
      subject: `sku/${sale.name}`,
      datacontenttype: "application/json",
      sequence: "0000000002",
      data: { stream: `sku/${sale.name}`, sku: sale.name, sequence: 2, previous: null, reservation: { id: hold.id } },
    });
    expect(events[1]).toMatchObject({ data: { sequence: 3, previous: 2 } });
    expect(await endpoint.state()).toMatchObject({ status: "active", pending: 0, unread: 0, failingSince: null });
    expect(await endpoint.deliveries("delivered")).toHaveLength(2);
  });

  it("[WHK5] is by POST to the URL as it was given", async () => {
    const sale = await ObjectSale.open(5);
    const endpoint = await Endpoint.register({ skus: [sale.name] });
    await sale.hold();
    await sale.recorded();
    await endpoint.wake();
    await endpoint.calledTimes(1);
    const [received] = await endpoint.calls();
    expect(received).toMatchObject({ method: "POST", pathname: "/hook" });
    expect(received?.headers["user-agent"]).toContain("Holdfast");
  });

  it("[WHK3] comes as soon as the queue has told that the log has grown", async () => {
    const sale = await ObjectSale.open(5);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name] });
    await sale.hold();
    await endpoint.calledTimes(1);
  });

  it("[WHK3] comes by the webhook's own alarm where nobody tells it of news", async () => {
    const sale = await ObjectSale.open(5);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name] });
    await endpoint.ring();
    const armedAt = await endpoint.alarmAt();
    expect(armedAt).toBeLessThanOrEqual(Date.now() + 60_000);
    await sale.hold();
    await sale.recorded();
    await endpoint.ring();
    await endpoint.calledTimes(1);
  });

  it("[WHK4] is each event once, however often and however many at once tell it of news", async () => {
    const sale = await ObjectSale.open(50);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name] });
    for (const _round of [1, 2, 3]) {
      await sale.holds(5);
      await Promise.all(Array.from({ length: 5 }, () => endpoint.wake()));
      await sale.recorded();
      await Promise.all([endpoint.wake(), endpoint.ring(), endpoint.wake()]);
    }
    await endpoint.calledTimes(15);
    const ids = (await endpoint.received()).map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 15 }, (_none, index) => `sku/${sale.name}:${index + 2}`));
  });

  it("[WHK2] is of its types only, each with the one that it was sent before", async () => {
    const sale = await ObjectSale.open(9);
    const first = await sale.hold();
    await sale.confirm(first.id);
    await sale.recorded();
    const endpoint = await Endpoint.register({ skus: [sale.name], events: ["reservation.confirmed"] });
    for (const _order of [1, 2]) {
      const hold = await sale.hold();
      await sale.confirm(hold.id);
      await sale.recorded();
      await endpoint.wake();
    }
    await endpoint.calledTimes(2);
    const told = (await endpoint.received()).map(({ type, data }) => [type, data.sequence, data.previous]);
    expect(told).toEqual([
      ["reservation.confirmed", 5, null],
      ["reservation.confirmed", 7, 5],
    ]);
  });

  it("[WHK2] is of carts too, unless it names SKUs", async () => {
    const [sku, other] = [await newSku(5), await newSku(5)];
    const sales = [new ObjectSale(sku), new ObjectSale(other)];
    await Promise.all(sales.map((sale) => sale.recorded()));
    const all = await Endpoint.register({ events: ["cart.held", "reservation.held"] });
    const named = await Endpoint.register({ skus: [sku, "no-such"] });
    const lines = [sku, other].map((name) => ({ sku: name, quantity: 1 }));
    const headers = { Prefer: "wait=5" };
    const cart = await call("POST", "/v1/carts", { as: storefront, body: { customer: "ann", lines }, headers });
    await Promise.all(sales.map((sale) => sale.recorded()));
    for (const endpoint of [all, named]) await endpoint.wake();
    await all.calledTimes(3);
    await named.calledTimes(2);
    expect((await all.received()).map(({ subject }) => subject).sort()).toEqual(
      [`cart/${cart.body.id}`, `sku/${sku}`, `sku/${other}`].sort(),
    );
    const told = (await named.received()).map(({ subject, type }) => [subject, type]);
    expect(told).toEqual(["reservation.tried", "reservation.held"].map((type) => [`sku/${sku}`, type]));
  });
});
