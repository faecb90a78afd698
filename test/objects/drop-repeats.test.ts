import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CALLER_PATIENCE_MS } from "../../src/domain/bounds.ts";
import { type Answer, admin, call } from "../client.ts";
import { expectProblem } from "../http/verdict.ts";
import { DropCase } from "./drop-case.ts";
import { stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const patch = (made: DropCase, body: object) => call("PATCH", `/v1/drops/${made.name}`, { as: admin, body });
const read = (made: DropCase) => call("GET", `/v1/drops/${made.name}`);

function create(made: DropCase, key: string, name = "Noon"): Promise<Answer> {
  const body = { drop: made.name, name, skus: made.sales.map((sale) => sale.name) };
  return call("POST", "/v1/drops", { as: admin, body, headers: { "Idempotency-Key": key } });
}

/** Calls of a type do not reach the second SKU; `during` happens while `ask` waits, then its caller's patience is over. */
async function whileAway(
  made: DropCase,
  type: "freeze" | "enroll",
  ask: () => Promise<Answer>,
  during: () => Promise<unknown> = async () => {},
): Promise<Answer> {
  stopClock(Date.now());
  let lost = 0;
  await made.breakCalls(type, async () => {
    lost += 1;
  });
  const asked = ask();
  await vi.waitFor(() => expect(lost).toBeGreaterThan(0), 5000);
  await during();
  stopClock(Date.now() + CALLER_PATIENCE_MS);
  const answer = await asked;
  vi.restoreAllMocks();
  return answer;
}

/** Every change is sent to the drop a second time, as the platform does when the answer to the first is lost. */
async function repeatChange(made: DropCase): Promise<void> {
  await runInDurableObject(made.stub, (instance: object) => {
    let prototype = Object.getPrototypeOf(instance);
    while (!Object.hasOwn(prototype, "change")) prototype = Object.getPrototypeOf(prototype);
    const real = prototype.change;
    vi.spyOn(prototype, "change").mockImplementation(async function (this: unknown, ...given: unknown[]) {
      await real.apply(this, given);
      return real.apply(this, given);
    });
  });
}

describe("a change of a drop that was answered 503", () => {
  it("[DRP10] [IDM2] when it was a creation, has its first answer when it is sent again, and not that it exists", async () => {
    const made = await DropCase.make();
    expectProblem(await whileAway(made, "enroll", () => create(made, "k")), "unavailable", { outcome: "unknown" });
    const again = await create(made, "k");
    expect([again.status, again.headers.get("Idempotency-Replayed")]).toEqual([201, "true"]);
    expect(again.body).toEqual((await read(made)).body);
    expectProblem(await create(made, "another"), "drop-exists");
    expectProblem(await create(made, "k", "Midnight"), "idempotency-key-reused");
  });

  it("[DRP10] [IDM5] when it was a creation, has its answer though the drop died and went on by itself", async () => {
    const made = await DropCase.make();
    expectProblem(await whileAway(made, "enroll", () => create(made, "k")), "unavailable", { outcome: "unknown" });
    await made.crash();
    await made.ring();
    await patch(made, { paused: true });
    const again = await create(made, "k");
    expect([again.status, again.body.revision, again.body.paused]).toEqual([201, 1, false]);
  });

  it("[IDM7] [DRP9] when it was a creation without a key, is not refused because the platform repeated it", async () => {
    const made = await DropCase.make();
    await repeatChange(made);
    const body = { drop: made.name, name: "Noon", skus: made.sales.map((sale) => sale.name) };
    expect((await call("POST", "/v1/drops", { as: admin, body })).status).toBe(201);
    expectProblem(await call("POST", "/v1/drops", { as: admin, body }), "drop-exists");
  });

  it("[DRP10] when it was only asked for, is not made, and is made when it is sent again", async () => {
    const made = await DropCase.make();
    await made.create();
    const limit = () => patch(made, { perCustomerLimit: 2 });
    expectProblem(await whileAway(made, "freeze", limit), "unavailable", { outcome: "unknown" });
    await made.ring();
    expect((await read(made)).body).toMatchObject({ revision: 1, perCustomerLimit: null });
    expect((await limit()).body).toMatchObject({ revision: 2, perCustomerLimit: 2 });
    expect((await limit()).body).toMatchObject({ revision: 2 });
  });

  it("[DRP10] when it was decided, is made once however often it is sent", async () => {
    const made = await DropCase.make();
    await made.create();
    const pause = () => patch(made, { paused: true });
    expectProblem(await whileAway(made, "enroll", pause), "unavailable", { outcome: "unknown" });
    expect((await read(made)).body).toMatchObject({ revision: 2, paused: true });
    for (const answer of await Promise.all([pause(), pause()])) {
      expect([answer.status, answer.body.revision]).toEqual([200, 2]);
    }
    expect((await made.members()).map(({ revision }) => revision)).toEqual([2, 2, 2]);
  });

  it("[DRP10] when it waited behind another, was not begun", async () => {
    const made = await DropCase.make();
    await made.create();
    const behind: Promise<Answer>[] = [];
    const first = await whileAway(
      made,
      "enroll",
      () => patch(made, { paused: true }),
      async () => {
        behind.push(patch(made, { name: "Midnight" }));
        // It has arrived by the time that the first one's patience is over.
        await new Promise((resolve) => setTimeout(resolve, 100));
      },
    );
    expectProblem(first, "unavailable", { outcome: "unknown" });
    for (const answer of await Promise.all(behind)) expectProblem(answer, "overloaded");
    expect((await read(made)).body).toMatchObject({ name: "Noon", paused: true });
    expect((await patch(made, { name: "Midnight" })).body).toMatchObject({ name: "Midnight", paused: true });
  });
});
