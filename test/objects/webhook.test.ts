import { describe, expect, it } from "vitest";
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
});
