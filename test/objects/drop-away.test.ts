import { afterEach, describe, expect, it, vi } from "vitest";
import { CALLER_PATIENCE_MS, DROP_SKUS_MAX } from "../../src/domain/bounds.ts";
import { type Answer, admin, call, newSku } from "../client.ts";
import { expectProblem } from "../http/verdict.ts";
import { DropCase } from "./drop-case.ts";
import { stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Calls of a type do not reach the second SKU while `ask` is under way, until its caller's patience is over. */
async function whileAway(made: DropCase, type: "freeze" | "enroll", ask: () => Promise<Answer>): Promise<Answer> {
  stopClock(Date.now());
  let lost = 0;
  await made.breakCalls(type, async () => {
    lost += 1;
  });
  const asked = ask();
  await vi.waitFor(() => expect(lost).toBeGreaterThan(0), 5000);
  stopClock(Date.now() + CALLER_PATIENCE_MS);
  return asked;
}

const states = async (made: DropCase) => (await made.members()).map(({ state }) => state);

describe("a drop of which one SKU does not answer", () => {
  it("[DRP10] [API4] answers its caller 503 with Retry-After, and goes on", async () => {
    const made = await DropCase.make();
    await made.create();
    const path = `/v1/drops/${made.name}`;
    const patch = () => call("PATCH", path, { as: admin, body: { paused: true } });
    const answer = await whileAway(made, "enroll", patch);
    expectProblem(answer, "unavailable", { outcome: "unknown" });
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await states(made)).toEqual(["paused", "open", "paused"]);
    expect((await call("GET", path)).body).toMatchObject({ paused: true, revision: 2 });
    vi.restoreAllMocks();
    await made.ring();
    expect(await states(made)).toEqual(["paused", "paused", "paused"]);
    expect((await patch()).body).toMatchObject({ paused: true, revision: 2 });
  });

  it("[DRP6] [DRP7] is not made, and the others are free again though that one stays away", async () => {
    const made = await DropCase.make();
    const skus = made.sales.map(({ name }) => name);
    const create = () => call("POST", "/v1/drops", { as: admin, body: { drop: made.name, name: "Noon", skus } });
    expectProblem(await whileAway(made, "freeze", create), "unavailable", { outcome: "unknown" });
    expectProblem(await call("GET", `/v1/drops/${made.name}`), "not-found");
    expect(await states(made)).toEqual(["paused", "open", "paused"]);
    await made.ring();
    expect(await states(made)).toEqual(["open", "open", "open"]);
    vi.restoreAllMocks();
    await made.ring();
    expect((await create()).status).toBe(201);
    expect(await states(made)).toEqual(["open", "open", "open"]);
    expect((await made.members()).map(({ drop }) => drop)).toEqual([made.name, made.name, made.name]);
  });
});

describe("the largest drop", () => {
  it("[DRP8] [DRP10] has a hundred SKUs, all of which know when its caller is told", async () => {
    const skus = await Promise.all(Array.from({ length: DROP_SKUS_MAX }, () => newSku(1)));
    const drop = `drop-${skus[0]}`;
    const body = { drop, name: "Noon", skus, perCustomerLimit: 1 };
    expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
    expect((await call("PATCH", `/v1/drops/${drop}`, { as: admin, body: { paused: true } })).status).toBe(200);
    const views = await Promise.all(skus.map(async (sku) => (await call("GET", `/v1/skus/${sku}`)).body));
    expect(new Set(views.map((view) => `${view.drop} ${view.state}`))).toEqual(new Set([`${drop} paused`]));
  }, 20_000);
});
