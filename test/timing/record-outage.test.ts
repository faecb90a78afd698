import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { act, heldCart } from "../http/cart-client.ts";
import { expectProblem } from "../http/verdict.ts";
import { key } from "../http/waitlist-client.ts";
import { breakD1 } from "../objects/d1-state.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const recordedIn = ({ headers }: Answer) => headers.get("Holdfast-Recorded");
const inD1 = { Prefer: "wait=10" };

async function quickly(doing: () => Promise<Answer>): Promise<Answer> {
  const startedAt = performance.now();
  const answer = await doing();
  expect(performance.now() - startedAt).toBeLessThan(1000);
  return answer;
}

describe("a refusal while D1 is down", () => {
  it("[REC5] does not claim for D1 what it has not, and waits for nothing", async () => {
    const sku = await newSku(1);
    breakD1();
    expect(recordedIn(await reserve(sku, "ann"))).toBe("object");
    const refused = await quickly(() => reserve(sku, "bob", 1, inD1));
    expectProblem(refused, "insufficient-stock");
    expect(recordedIn(refused)).toBe("object");
    const commands = [{ type: "reserve", customer: "bob", quantity: 1 }];
    const batch = await quickly(() =>
      call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body: { commands }, headers: { ...key(), ...inD1 } }),
    );
    expect([batch.status, recordedIn(batch)]).toEqual([200, "object"]);
  });

  it("[REC5] says that D1 has it when all that it was judged by is there", async () => {
    const sku = await newSku(1);
    await reserve(sku, "ann", 1, inD1);
    breakD1();
    expect(recordedIn(await reserve(sku, "bob"))).toBe("d1");
  });

  it("[REC5] of a cart or a drop claims no more", async () => {
    const sku = await newSku(5);
    breakD1();
    const cart = await heldCart([sku]);
    await act(cart, "release");
    const late = await quickly(() => act(cart, "extend", {}, inD1));
    expectProblem(late, "already-released");
    expect(recordedIn(late)).toBe("object");
    const plan = { drop: `drop-${sku}`, name: "Noon", skus: [sku] };
    const create = () => call("POST", "/v1/drops", { as: admin, body: plan, headers: { ...key(), ...inD1 } });
    vi.restoreAllMocks();
    expect((await create()).status).toBe(201);
    breakD1();
    await call("PATCH", `/v1/drops/${plan.drop}`, { as: admin, body: { paused: true } });
    const refused = await quickly(create);
    expectProblem(refused, "drop-exists");
    expect(recordedIn(refused)).toBe("object");
  });

  it("[REC5] [CRT20] waits where it is final: that is written", async () => {
    const sku = await newSku(1, { holdTtlSeconds: 60 });
    const cart = await heldCart([sku], {}, inD1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(cart.body.expiresAt)) + 2_000 });
    expect((await reserve(sku, "bob", 1, inD1)).status).toBe(201);
    breakD1();
    const startedAt = performance.now();
    const refused = await act(cart, "confirm", {}, { Prefer: "wait=1" });
    expectProblem(refused, "hold-expired", { refundRequired: true });
    expect(recordedIn(refused)).toBe("object");
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });
});
