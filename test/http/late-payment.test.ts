import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, call, newSku, reserve, storefront } from "../client.ts";
import { expectProblem } from "./verdict.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Moves the clock of Worker and objects ahead. */
function passSeconds(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now);
}

/** A command on a reservation, by a storefront. */
function act(held: Answer, action: string, body: unknown = {}): Promise<Answer> {
  const { sku, id } = held.body;
  const headers = { Prefer: "wait=0" };
  return call("POST", `/v1/skus/${sku}/reservations/${id}/${action}`, { as: storefront, body, headers });
}

describe("a payment after expiry", () => {
  it("[CNF5] after expiry is rescued while there are units", async () => {
    const held = await reserve(await newSku(5, { holdTtlSeconds: 5 }), "ann", 3);
    passSeconds(6);
    const found = await call("GET", String(held.headers.get("Location")), { as: storefront });
    expect(found.body).toMatchObject({ status: "expired" });
    const rescued = await act(held, "confirm", { orderId: "order-1" });
    expect(rescued).toMatchObject({ status: 200, body: { status: "confirmed", rescued: true } });
  });

  it("[CNF8] after expiry with the units gone asks for a refund, for good", async () => {
    const held = await reserve(await newSku(3, { holdTtlSeconds: 5 }), "ann", 3);
    passSeconds(6);
    const taken = await reserve(String(held.body.sku), "bob", 1);
    expect(taken.status).toBe(201);
    expectProblem(await act(held, "confirm"), "hold-expired", { refundRequired: true });
    await act(taken, "release");
    expectProblem(await act(held, "confirm"), "hold-expired", { refundRequired: true });
    expectProblem(await act(held, "extend"), "hold-expired", { refundRequired: true });
  });

  it("[REC5] a final refundRequired says truly whether D1 has it", async () => {
    const sku = await newSku(1, { holdTtlSeconds: 5 });
    const held = await reserve(sku, "ann", 1, { Prefer: "wait=10" });
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(now + 6000);
    await reserve(sku, "bob", 1, { Prefer: "wait=10" });
    const path = `/v1/skus/${sku}/reservations/${held.body.id}/confirm`;
    const answer = await call("POST", path, { as: storefront, headers: { Prefer: "wait=0" } });
    expectProblem(answer, "hold-expired", { refundRequired: true });
    expect(answer.headers.get("Holdfast-Recorded")).toBe("object");
  });
});
