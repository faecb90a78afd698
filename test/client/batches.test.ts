import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BATCH_COMMANDS_MAX, LIVE_SKUS_MAX } from "../../src/client/bounds.ts";
import {
  BODY_BYTES_MAX,
  BATCH_COMMANDS_MAX as SERVICE_COMMANDS_MAX,
  LIVE_SKUS_MAX as SERVICE_SKUS_MAX,
} from "../../src/domain/bounds.ts";
import { FakeService, json, problem, type Sent, settled, tokenOf } from "./fake-service.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Command {
  type: string;
  customer?: string;
  quantity?: number;
  id?: string;
  idempotencyKey: string;
}
const commandsOf = ({ body }: Sent) => (body as { commands: Command[] }).commands;

/** Sells to everybody but those who ask for more than one unit, whether in a batch or alone. */
function judge({ customer, quantity = 1 }: Pick<Command, "customer" | "quantity">) {
  if (quantity > 1) return { status: 409, body: { code: "limit-exceeded", status: 409, detail: "no", title: "no" } };
  return { status: 201, body: { id: `of-${customer}`, customer } };
}

function answer(sent: Sent): Response {
  if (sent.path.endsWith("/batch")) return json(200, { outcomes: commandsOf(sent).map(judge) });
  const { status, body } = judge(sent.body as Command);
  return json(status, body);
}

const storefront = { token: tokenOf("storefront", 1e9) };

describe("a storefront's calls", () => {
  it("[CLI5] for one SKU that are made together travel as one batch, and each gets its own outcome", async () => {
    const service = new FakeService(answer);
    const { reservations } = service.client(storefront);
    const results = await settled(
      Promise.all([
        reservations.reserve("shoe", { quantity: 1, customer: "ann" }),
        reservations.reserve("shoe", { quantity: 2, customer: "bob" }),
        reservations.release("shoe", "r9"),
        reservations.reserve("laces", { quantity: 1, customer: "cat" }),
      ]),
    );
    expect(service.sent.map(({ path }) => path).sort()).toEqual(["/v1/skus/laces/reservations", "/v1/skus/shoe/batch"]);
    expect(results[0]).toMatchObject({ ok: true, value: { id: "of-ann" } });
    expect(results[1]).toMatchObject({ ok: false, refusal: { code: "limit-exceeded" } });
    expect(results[3]).toMatchObject({ ok: true, value: { id: "of-cat" } });
    const commands = service.sent.filter(({ path }) => path.endsWith("batch")).flatMap(commandsOf);
    expect(commands[2]).toMatchObject({ type: "release", id: "r9" });
    expect(new Set(commands.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
  });

  it("[CLI5] wait a moment for each other, and no longer", async () => {
    const service = new FakeService(answer);
    const { reservations } = service.client(storefront);
    const first = reservations.reserve("shoe", { quantity: 1, customer: "ann" });
    await vi.advanceTimersByTimeAsync(2);
    const second = reservations.reserve("shoe", { quantity: 1, customer: "bob" });
    await vi.advanceTimersByTimeAsync(2);
    const third = reservations.reserve("shoe", { quantity: 1, customer: "cat" });
    await settled(Promise.all([first, second, third]));
    expect(service.sent.map(({ path }) => path)).toEqual(["/v1/skus/shoe/batch", "/v1/skus/shoe/reservations"]);
  });

  it("[CLI5] go again as a whole and with the same keys when the batch has no answer", async () => {
    const service = new FakeService((sent, count) => (count < 3 ? problem(503, "unavailable") : answer(sent)));
    const { reservations } = service.client(storefront);
    const calls = ["ann", "bob"].map((customer) => reservations.reserve("shoe", { quantity: 1, customer }));
    expect(await settled(Promise.all(calls))).toMatchObject([{ ok: true }, { ok: true }]);
    expect(service.sent).toHaveLength(3);
    expect(new Set(service.sent.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(new Set(service.header("Idempotency-Key")).size).toBe(1);
  });

  it("[CLI5] fail each with the key of its own when there is no answer at all", async () => {
    const service = new FakeService(() => problem(503, "unavailable"));
    const { reservations } = service.client(storefront);
    const calls = [1, 2].map((n) =>
      reservations
        .reserve("shoe", { quantity: 1, customer: "ann" }, { idempotencyKey: `key-${n}` })
        .catch((error) => error),
    );
    expect(await settled(Promise.all(calls))).toMatchObject([
      { code: "unavailable", status: 503, idempotencyKey: "key-1" },
      { code: "unavailable", status: 503, idempotencyKey: "key-2" },
    ]);
  });

  it("[CLI5] go by themselves, with the same keys, when one of them spoils the batch", async () => {
    const service = new FakeService((sent) => {
      const isWrong = JSON.stringify(sent.body).includes("nobody");
      return isWrong ? problem(400, "invalid-request") : answer(sent);
    });
    const { reservations } = service.client(storefront);
    const calls = ["ann", "nobody", "bob"].map((customer) =>
      reservations.reserve("shoe", { quantity: 1, customer }).catch((error) => error),
    );
    expect(await settled(Promise.all(calls))).toMatchObject([{ ok: true }, { code: "invalid-request" }, { ok: true }]);
    const [batch, ...single] = service.sent;
    const keys = batch === undefined ? [] : commandsOf(batch).map(({ idempotencyKey }) => idempotencyKey);
    expect(single.map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(keys);
  });

  it("[CLI5] that a batch left undecided are made again by themselves", async () => {
    const service = new FakeService((sent, count) =>
      count > 1
        ? answer(sent)
        : json(200, {
            outcomes: [judge({ customer: "ann" }), { status: 503, body: { code: "overloaded", status: 503 } }],
          }),
    );
    const { reservations } = service.client(storefront);
    const calls = ["ann", "bob"].map((customer) => reservations.reserve("shoe", { quantity: 1, customer }));
    expect(await settled(Promise.all(calls))).toMatchObject([{ ok: true }, { value: { id: "of-bob" } }]);
    expect(service.sent[1]?.path).toBe("/v1/skus/shoe/reservations");
  });

  it("[CLI5] share the refusal of a SKU that does not exist", async () => {
    const service = new FakeService(() => problem(404, "not-found"));
    const { reservations } = service.client(storefront);
    const calls = ["ann", "bob"].map((customer) => reservations.reserve("shoe", { quantity: 1, customer }));
    expect(await settled(Promise.all(calls))).toMatchObject([{ refusal: { code: "not-found" } }, { ok: false }]);
  });

  it("[CLI5] can be called off one by one", async () => {
    const service = new FakeService(
      (sent) => new Promise<Response>((resolve) => setTimeout(() => resolve(answer(sent)), 50)),
    );
    const { reservations } = service.client(storefront);
    const [early, late] = [new AbortController(), new AbortController()];
    const calls = [early.signal, late.signal, undefined, undefined].map((signal, index) =>
      reservations.reserve("shoe", { quantity: 1, customer: `c${index}` }, { signal }).catch((error) => error.name),
    );
    await vi.advanceTimersByTimeAsync(1);
    early.abort();
    await vi.advanceTimersByTimeAsync(2);
    late.abort();
    expect(await settled(Promise.all(calls))).toMatchObject(["AbortError", "AbortError", { ok: true }, { ok: true }]);
    const customers = service.sent.flatMap(commandsOf).map(({ customer }) => customer);
    expect(customers).toEqual(["c1", "c2", "c3"]);
  });

  it("[CLI5] wait for D1 as long as the most patient of them, a confirmation for a second", async () => {
    const service = new FakeService(answer);
    const { reservations } = service.client(storefront);
    const reserve = () => reservations.reserve("shoe", { quantity: 1, customer: "ann" });
    await settled(Promise.all([reserve(), reserve()]));
    await settled(Promise.all([reserve(), reservations.confirm("shoe", "r1", { orderId: "o1" })]));
    expect(service.header("Prefer")).toEqual([null, "wait=1"]);
  });
});

describe("batches", () => {
  it("[CLI5] know the service's bounds", () => {
    expect([BATCH_COMMANDS_MAX, LIVE_SKUS_MAX]).toEqual([SERVICE_COMMANDS_MAX, SERVICE_SKUS_MAX]);
  });

  it("[CLI5] are only for those who may send them", async () => {
    const service = new FakeService(answer);
    for (const token of [tokenOf("shopper"), "opaque", undefined]) {
      const { reservations } = service.client(token === undefined ? {} : { token });
      await settled(Promise.all([1, 2].map(() => reservations.reserve("shoe", { quantity: 1 }))));
    }
    expect(service.sent.every(({ path }) => path === "/v1/skus/shoe/reservations")).toBe(true);
    expect(service.sent).toHaveLength(6);
  });

  it("[CLI5] never pass the bounds of one call, lose nobody and mix nobody up, however many come and how long they are", async () => {
    const size = fc.integer({ min: 0, max: 2_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 260 }), async (sizes) => {
        const service = new FakeService(answer);
        const { reservations } = service.client(storefront);
        const calls = sizes.map((chars, index) =>
          reservations.reserve("shoe", {
            quantity: 1,
            customer: `c${index}`,
            metadata: { note: "ü".repeat(chars / 2) },
          }),
        );
        const results = await settled(Promise.all(calls));
        expect(results.map((result) => result.ok && result.value.customer)).toEqual(
          sizes.map((_, index) => `c${index}`),
        );
        for (const sent of service.sent.filter(({ path }) => path.endsWith("/batch"))) {
          expect(commandsOf(sent).length).toBeLessThanOrEqual(BATCH_COMMANDS_MAX);
          expect(new TextEncoder().encode(JSON.stringify(sent.body)).byteLength).toBeLessThanOrEqual(BODY_BYTES_MAX);
        }
      }),
      { numRuns: 40 },
    );
  });
});
