import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import type { eventView } from "../../src/contracts/event.ts";
import { eventPage } from "../../src/contracts/page.ts";
import { admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

type Event = z.infer<typeof eventView>;

const RECORDED = { Prefer: "wait=10" };

async function feed(query: Record<string, string | number>): Promise<Event[]> {
  const given = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const { status, body } = await call("GET", `/v1/events?${given}`, { as: storefront });
  expect(status).toBe(200);
  return eventPage.parse(body).items;
}

/** A SKU on which something was held, confirmed and released, all of it in D1. */
async function sold(): Promise<string> {
  const sku = await newSku(3);
  const first = await reserve(sku, "ann");
  const second = await reserve(sku, "bob");
  const path = (id: unknown, verb: string) => `/v1/skus/${sku}/reservations/${id}/${verb}`;
  await call("POST", path(first.body.id, "confirm"), { as: storefront, body: { orderId: "o-1" } });
  const last = await call("POST", path(second.body.id, "release"), { as: storefront, headers: RECORDED });
  expect(last.headers.get("Holdfast-Recorded")).toBe("d1");
  return sku;
}

async function newestPosition(): Promise<number> {
  const row = await env.DB.prepare("SELECT MAX(position) AS newest FROM event").first<{ newest: number | null }>();
  return row?.newest ?? 0;
}

describe("the feed of events", () => {
  it("[LOG1] has all of a SKU in order, without a gap, each with what it moved and is about", async () => {
    const sku = await sold();
    const events = await feed({ sku });
    expect(events.map(({ sequence, type }) => [sequence, type])).toEqual([
      [1, "sku.created"],
      [2, "reservation.held"],
      [3, "reservation.held"],
      [4, "reservation.confirmed"],
      [5, "reservation.released"],
    ]);
    expect(events[3]).toMatchObject({
      id: `sku/${sku}:4`,
      stream: `sku/${sku}`,
      sku,
      data: { dStock: 0, dHeld: -1, dSold: 1, reservation: { customer: "ann", status: "confirmed", orderId: "o-1" } },
    });
  });

  it("[LOG1] goes on after a sequence, page by page", async () => {
    const sku = await sold();
    const whole = await feed({ sku });
    expect(await feed({ sku, after: 3 })).toEqual(whole.slice(3));
    const { body } = await call("GET", `/v1/events?sku=${sku}&limit=2`, { as: admin });
    expect(body.nextCursor).toBe("2");
    expect(await feed({ sku, after: 5 })).toEqual([]);
  });

  it("[LOG2] of all streams is in the order of arrival: per stream in sequence, after a position only what is new", async () => {
    const before = await newestPosition();
    const skus = await Promise.all([sold(), sold()]);
    const opened = await call("POST", "/v1/carts", {
      as: storefront,
      body: { customer: "cat", lines: skus.map((sku) => ({ sku, quantity: 1 })) },
      headers: RECORDED,
    });
    expect(opened.status).toBe(201);
    const cart = `cart/${opened.body.id}`;
    const ours = (await feed({ after: before, limit: 1000 })).filter(
      ({ stream, sku }) => stream === cart || (sku !== null && skus.includes(sku)),
    );
    const positions = ours.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((one, other) => one - other));
    for (const sku of skus) expect(ours.filter((event) => event.sku === sku)).toEqual(await feed({ sku }));
    expect(ours.find(({ stream }) => stream === cart)).toMatchObject({
      sku: null,
      type: "cart.held",
      sequence: 1,
      data: { cart: { id: opened.body.id, customer: "cat", status: "held" } },
    });
    expect(await feed({ after: await newestPosition() })).toEqual([]);
  });

  it("[LOG1] is for storefronts and admins, and not of what there is not", async () => {
    const shopper = await tokenFor("shopper", "ann");
    expectProblem(await call("GET", "/v1/events", { as: shopper }), "forbidden");
    expectProblem(await call("GET", "/v1/events"), "unauthenticated");
    expectProblem(await call("GET", "/v1/events?sku=nothing", { as: admin }), "not-found");
    for (const query of ["after=-1", "after=x", "limit=0", "limit=1001", "sku=", "before=3"]) {
      expectInvalid(await call("GET", `/v1/events?${query}`, { as: admin }), query.split("=")[0] ?? "");
    }
  });
});
