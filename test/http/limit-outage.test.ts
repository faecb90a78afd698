import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TRY_MS } from "../../src/domain/bounds.ts";
import { type Answer, admin, call, newSku, reserve, storefront } from "../client.ts";
import { allowanceOf } from "../domain/sale.ts";
import { type Methods, prototypeOf } from "../objects/prototype.ts";
import { countsOf } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";
import { key } from "./waitlist-client.ts";

beforeEach(() => {
  for (const method of ["warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => {});
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

type Lost = "before" | "after" | "crash";

/** Two sizes of a drop in which a customer may have one. */
class TwoSizes {
  readonly drop = `drop-${crypto.randomUUID()}`;
  a = "";
  b = "";

  static async make(): Promise<TwoSizes> {
    const made = new TwoSizes();
    made.a = await newSku(5, { holdTtlSeconds: 60 });
    made.b = await newSku(5, { holdTtlSeconds: 60 });
    const body = { drop: made.drop, name: "Noon", skus: [made.a, made.b], perCustomerLimit: 1 };
    expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
    return made;
  }

  /** The next question whether the limit allows it is lost, or its SKU dies under the answer. */
  async loseClaim(lost: Lost): Promise<void> {
    const allowance = env.ALLOWANCE.getByName(allowanceOf(this.drop, "ann"));
    await loseOnce(await prototypeOf(allowance, "claim"), "claim", lost, () => this.#crash());
  }

  /** The SKU's next answer is lost. */
  async loseAnswer(): Promise<void> {
    await loseOnce(await prototypeOf(env.SKU.getByName(this.a), "execute"), "execute", "after", () => this.#crash());
  }

  async #crash(): Promise<void> {
    // The call that aborts is aborted with it.
    const aborting = runInDurableObject(env.SKU.getByName(this.a), (_instance, state) => state.abort("crash"));
    await aborting.catch(() => {});
  }

  /** Ann may have one more, and only one: nothing of the limit has leaked. */
  async expectRoomForOne(): Promise<void> {
    expect((await reserve(this.b, "ann")).status).toBe(201);
    expectProblem(await reserve(this.a, "ann"), "limit-exceeded", { limit: 1, used: 1, scope: "drop" });
  }
}

async function loseOnce(prototype: Methods, method: string, lost: Lost, crash: () => Promise<void>): Promise<void> {
  const real = prototype[method];
  let left = 1;
  vi.spyOn(prototype, method).mockImplementation(async function (this: object, ...given: unknown[]) {
    const isLost = left-- > 0;
    if (isLost && lost === "before") throw new Error("lost on the way");
    const answer = await real?.apply(this, given);
    if (isLost && lost === "crash") await crash();
    if (isLost) throw new Error("lost on the way back");
    return answer;
  });
}

function confirm({ body }: Answer, headers = {}): Promise<Answer> {
  const path = `/v1/skus/${body.sku}/reservations/${body.id}/confirm`;
  return call("POST", path, { as: storefront, body: { orderId: "o" }, headers });
}

const WAYS: [name: string, lose: (made: TwoSizes) => Promise<void>][] = [
  ["the question to the limit", (made) => made.loseClaim("before")],
  ["the limit's answer", (made) => made.loseClaim("after")],
  ["the SKU itself", (made) => made.loseClaim("crash")],
  ["the SKU's answer", (made) => made.loseAnswer()],
];

describe.each(WAYS)("a claim of which %s is lost", (_name, lose) => {
  it("[TRY5] [TXN6] is an outage, and the same call again has it once", async () => {
    const made = await TwoSizes.make();
    const headers = key();
    await lose(made);
    expectProblem(await reserve(made.a, "ann", 1, headers), "unavailable");
    const again = await reserve(made.a, "ann", 1, headers);
    expect([again.status, again.body.status]).toEqual([201, "held"]);
    expect(await countsOf(made.a)).toEqual({ available: 4, held: 1, sold: 0 });
    expectProblem(await reserve(made.b, "ann"), "limit-exceeded", { limit: 1, used: 1, scope: "drop" });
  });

  it("[ALW7] [TRY3] has taken nothing of the limit for longer than it lives", async () => {
    const made = await TwoSizes.make();
    await lose(made);
    expectProblem(await reserve(made.a, "ann"), "unavailable");
    // What was granted and settled is a hold by now, and lives as long as one.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + Math.max(TRY_MS, 60_000) });
    expect(await countsOf(made.a)).toEqual({ available: 5, held: 0, sold: 0 });
    await made.expectRoomForOne();
  });

  it("[TRY5] is judged afresh by the same call after its try has lapsed", async () => {
    const made = await TwoSizes.make();
    const headers = key();
    await lose(made);
    expectProblem(await reserve(made.a, "ann", 1, headers), "unavailable");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + TRY_MS });
    expect((await reserve(made.a, "ann", 1, headers)).body).toMatchObject({ status: "held" });
    expect(await countsOf(made.a)).toMatchObject({ held: 1 });
  });

  it("[TRY6] is decided once where it is a late payment", async () => {
    const made = await TwoSizes.make();
    const held = await reserve(made.a, "ann");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(String(held.body.expiresAt)) });
    await lose(made);
    expect((await confirm(held)).status).toBe(503);
    expect((await confirm(held)).body).toMatchObject({ status: "confirmed", rescued: true, orderId: "o" });
    expect((await confirm(held)).status).toBe(200);
    expect(await countsOf(made.a)).toEqual({ available: 4, held: 0, sold: 1 });
    expectProblem(await reserve(made.b, "ann"), "limit-exceeded", { limit: 1, used: 1, scope: "drop" });
  });

  it("[BAT3] [TRY5] is in its place of a batch when that is sent again", async () => {
    const made = await TwoSizes.make();
    const commands = ["ann", "bob"].map((customer) => ({ type: "reserve", customer, quantity: 1 }));
    const headers = key();
    const send = () => call("POST", `/v1/skus/${made.a}/batch`, { as: storefront, body: { commands }, headers });
    await lose(made);
    expectProblem(await send(), "unavailable");
    const again = await send();
    const held = (customer: string) => ({ status: 201, body: { status: "held", customer } });
    expect(again.body.outcomes).toMatchObject([held("ann"), held("bob")]);
    expect((await send()).body).toEqual(again.body);
    expect(await countsOf(made.a)).toMatchObject({ held: 2 });
  });
});
