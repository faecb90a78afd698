import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TRY_MS } from "../../src/domain/bounds.ts";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { allowanceOf } from "../domain/sale.ts";
import { breakD1 } from "../objects/d1-state.ts";
import { ObjectSale } from "../objects/object-sale.ts";
import { prototypeOf } from "../objects/prototype.ts";
import { countsOf } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";
import { key } from "./waitlist-client.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A SKU of a drop with a limit. */
async function limited(drop = `drop-${crypto.randomUUID()}`): Promise<{ sku: string; drop: string }> {
  const sku = await newSku(5, { holdTtlSeconds: 60 });
  await call("POST", "/v1/drops", { as: admin, body: { drop, name: "Noon", skus: [sku], perCustomerLimit: 2 } });
  return { sku, drop };
}

describe("a claim under a drop's limit while D1 is down", () => {
  it("[REC4] [REC5] is held though a try's time is over while its caller waits", async () => {
    const { sku } = await limited();
    breakD1();
    const answering = reserve(sku, "ann", 1, { Prefer: "wait=3" });
    // It is no try any more while its caller waits, and a try that waited as well would be over then.
    const settled = () => new ObjectSale(sku).count("reservation", "attempt IS NULL");
    await expect.poll(settled, { timeout: 2_000 }).toBe(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + TRY_MS });
    const answer = await answering;
    expect([answer.status, answer.headers.get("Holdfast-Recorded")]).toEqual([201, "object"]);
    expect(await countsOf(sku)).toMatchObject({ held: 1 });
  });
});

describe("a batch of which a claim has lapsed", () => {
  it("[TRY5] [BAT3] has that part judged afresh when it is sent again, and no other", async () => {
    const { sku, drop } = await limited();
    vi.spyOn(console, "error").mockImplementation(() => {});
    const bobs = await reserve(sku, "bob");
    const commands = [
      { type: "release", id: bobs.body.id },
      { type: "reserve", customer: "ann", quantity: 1 },
    ];
    const headers = key();
    const send = (): Promise<Answer> =>
      call("POST", `/v1/skus/${sku}/batch`, { as: storefront, body: { commands }, headers });
    const allowance = await prototypeOf(env.ALLOWANCE.getByName(allowanceOf(drop, "ann")), "claim");
    vi.spyOn(allowance, "claim").mockRejectedValue(new Error("lost on the way"));
    expectProblem(await send(), "unavailable");
    vi.restoreAllMocks();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + TRY_MS });
    const again = await send();
    expect(again.body.outcomes).toMatchObject([
      { status: 200, body: { status: "released" } },
      { status: 201, body: { status: "held", customer: "ann" } },
    ]);
    expect((await send()).body).toEqual(again.body);
    expect(await countsOf(sku)).toEqual({ available: 4, held: 1, sold: 0 });
  });
});
