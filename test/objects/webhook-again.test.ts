import { afterEach, describe, expect, it, vi } from "vitest";
import { WEBHOOK_SECRETS_MAX } from "../../src/domain/bounds.ts";
import { Endpoint, type PlannedAnswer } from "../receiver/endpoint.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

afterEach(() => {
  vi.useRealTimers();
});

/** A webhook that was sent some holds of a SKU. */
async function sent(holds: number, answers?: readonly PlannedAnswer[]) {
  const sale = await ObjectSale.open(50, { holdTtlSeconds: 7 * 86_400, maxHoldSeconds: 7 * 86_400 });
  await sale.recorded();
  const endpoint = await Endpoint.register({ skus: [sale.name], ...(answers ? { answers } : {}) });
  await tell(sale, endpoint, holds);
  return { sale, endpoint };
}

async function tell(sale: ObjectSale, endpoint: Endpoint, holds: number): Promise<void> {
  await sale.holds(holds);
  await sale.recorded();
  await endpoint.wake();
}

const sequences = async (endpoint: Endpoint) => (await endpoint.received()).map(({ data }) => data.sequence);

describe("one delivery that is sent again", () => {
  it("[WHK13] arrives once more, the same, and the first answer to a key comes again without another", async () => {
    const { endpoint } = await sent(2);
    await endpoint.calledTimes(2);
    const [first] = await endpoint.deliveries();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const again = await endpoint.post(`/deliveries/${first?.id}/redeliver`, {}, key);
    expect(again).toMatchObject({
      status: 200,
      body: { ...first, status: "pending", nextAttemptAt: expect.any(String) },
    });
    await endpoint.calledTimes(3);
    const repeated = await endpoint.post(`/deliveries/${first?.id}/redeliver`, {}, key);
    expect(repeated).toMatchObject({ status: 200, body: again.body });
    expect(repeated.headers.get("Idempotency-Replayed")).toBe("true");
    await endpoint.wake();
    await endpoint.calledTimes(3);
    const calls = await endpoint.calls();
    expect(calls[2]?.body).toBe(calls[0]?.body);
    expect(calls[2]?.headers["webhook-id"]).toBe(calls[0]?.headers["webhook-id"]);
    expect((await endpoint.deliveries())[0]).toMatchObject({ status: "delivered", attempts: 2 });
  });

  it("[WHK13] is not found when there is none of that name", async () => {
    const { endpoint } = await sent(1);
    for (const id of ["999999", "0", "-1", "1.5", "x", "1e1", "%20", "99999999999999999999"]) {
      expect(await endpoint.post(`/deliveries/${id}/redeliver`)).toMatchObject({ status: 404 });
    }
  });

  it("[WHK13] is sent although its former call is answered meanwhile", async () => {
    const { endpoint } = await sent(1, [{ status: 204, hang: 500 }, { status: 204 }]);
    await vi.waitFor(async () => expect(await endpoint.calls()).toHaveLength(1));
    const [first] = await endpoint.deliveries();
    await endpoint.post(`/deliveries/${first?.id}/redeliver`);
    await vi.waitFor(async () => expect(await endpoint.calls()).toHaveLength(2), 3000);
    await vi.waitFor(async () => expect(await endpoint.deliveries("delivered")).toHaveLength(1));
  });
});

describe("everything since a time", () => {
  it("[WHK13] is sent again in order, with the ids of the first time", async () => {
    const { sale, endpoint } = await sent(2);
    await endpoint.calledTimes(2);
    stopClock(Date.now() + MINUTE);
    const since = new Date().toISOString();
    await tell(sale, endpoint, 3);
    await endpoint.calledTimes(5);
    const answer = await endpoint.post("/redeliver", { since });
    expect(answer).toMatchObject({ status: 202, body: { id: endpoint.id, status: "active" } });
    await vi.waitFor(async () => expect(await endpoint.calls()).toHaveLength(8), 3000);
    expect(await sequences(endpoint)).toEqual([2, 3, 4, 5, 6, 4, 5, 6]);
    const calls = await endpoint.calls();
    expect(calls.slice(5).map(({ body }) => body)).toEqual(calls.slice(2, 5).map(({ body }) => body));
    await vi.waitFor(async () => expect(await endpoint.deliveries("delivered")).toHaveLength(5));
  });

  it("[WHK13] reaches back before the creation of the webhook, and then says what comes before what", async () => {
    const since = new Date().toISOString();
    const sale = await ObjectSale.open(50);
    await tell(sale, await Endpoint.register({ skus: ["nothing"] }), 2);
    const endpoint = await Endpoint.register({ skus: [sale.name] });
    await tell(sale, endpoint, 1);
    await endpoint.calledTimes(1);
    expect((await endpoint.received())[0]?.data).toMatchObject({ sequence: 4, previous: null });
    await endpoint.post("/redeliver", { since });
    await vi.waitFor(async () => expect(await endpoint.calls()).toHaveLength(5), 3000);
    const told = (await endpoint.received()).slice(1).map(({ data }) => [data.sequence, data.previous]);
    expect(told).toEqual([
      [1, null],
      [2, 1],
      [3, 2],
      [4, 3],
    ]);
  });

  it("[WHK13] is nothing when nothing has happened since", async () => {
    const { endpoint } = await sent(2);
    await endpoint.calledTimes(2);
    const since = new Date(Date.now() + DAY).toISOString();
    expect(await endpoint.post("/redeliver", { since })).toMatchObject({ status: 202 });
    await endpoint.wake();
    await endpoint.calledTimes(2);
  });

  it("[WHK13] needs a time", async () => {
    const { endpoint } = await sent(1);
    for (const body of [{}, { since: "yesterday" }, { since: 5 }, { since: new Date().toISOString(), all: true }]) {
      expect(await endpoint.post("/redeliver", body)).toMatchObject({ status: 400 });
    }
  });
});

describe("the secret of a webhook", () => {
  it("[WHK6] is followed by another, and both sign for a day", async () => {
    const { sale, endpoint } = await sent(1);
    await endpoint.calledTimes(1);
    const former = endpoint.secret;
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const rotated = await endpoint.post("/rotate", {}, key);
    expect(rotated).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/) } });
    expect((await endpoint.post("/rotate", {}, key)).body).toEqual(rotated.body);
    const until = Date.parse(String(rotated.body.previousSecretValidUntil));
    expect(Math.abs(until - Date.now() - DAY)).toBeLessThan(5000);
    expect(await endpoint.state()).toMatchObject({ previousSecretValidUntil: rotated.body.previousSecretValidUntil });
    await tell(sale, endpoint, 1);
    await endpoint.calledTimes(2);
    const [, second] = await endpoint.calls();
    expect(second?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect(await endpoint.received()).toHaveLength(2);
    endpoint.secret = String(rotated.body.secret);
    await expect(endpoint.received()).rejects.toThrow();
    stopClock(until);
    await tell(sale, endpoint, 1);
    await endpoint.calledTimes(3);
    const [, , third] = await endpoint.calls();
    expect(third?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
    expect(former).not.toBe(endpoint.secret);
    expect(await endpoint.state()).toMatchObject({ previousSecretValidUntil: null });
  });

  it("[WHK6] signs until its own time, however often it was followed since", async () => {
    const { sale, endpoint } = await sent(1);
    await endpoint.calledTimes(1);
    const first = await endpoint.post("/rotate");
    stopClock(Date.now() + DAY / 2);
    await endpoint.post("/rotate");
    await tell(sale, endpoint, 1);
    await endpoint.calledTimes(2);
    expect((await endpoint.calls())[1]?.headers["webhook-signature"]?.split(" ")).toHaveLength(3);
    // Verified with the secret of the creation, as a receiver does that has not been deployed yet.
    expect(await endpoint.received()).toHaveLength(2);
    stopClock(Date.parse(String(first.body.previousSecretValidUntil)));
    await tell(sale, endpoint, 1);
    await endpoint.calledTimes(3);
    expect((await endpoint.calls())[2]?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    await expect(endpoint.received()).rejects.toThrow();
  });

  it("[WHK6] is followed nine times a day at most", async () => {
    const { endpoint } = await sent(1);
    const answers = [];
    for (let count = 0; count < WEBHOOK_SECRETS_MAX; count++) answers.push(await endpoint.post("/rotate"));
    expect(answers.slice(0, -1).map(({ status }) => status)).toEqual(Array(WEBHOOK_SECRETS_MAX - 1).fill(200));
    expect(answers.at(-1)).toMatchObject({
      status: 409,
      body: {
        code: "too-many-secrets",
        limit: WEBHOOK_SECRETS_MAX,
        oldestValidUntil: answers[0]?.body.previousSecretValidUntil,
      },
    });
  });
});
