import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { RECORD_BACKOFF_MS_MAX } from "../../src/domain/bounds.ts";
import { cartObjectOf } from "../../src/domain/cart-placement.ts";
import type { News } from "../../src/domain/log.ts";
import { consume } from "../../src/events/consumer.ts";
import { evictDurableObject } from "../eviction.ts";
import { CartCase } from "./cart-case.ts";
import { breakD1, expectSameInD1 } from "./d1-state.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function spyOnQueue(): MockInstance<Queue<News>["send"]> {
  return vi.spyOn(Object.getPrototypeOf(env.NEWS) as Queue<News>, "send");
}

function breakQueue(): MockInstance<Queue<News>["send"]> {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  return spyOnQueue().mockImplementation(() => Promise.reject(new Error("Too Many Requests")));
}

/** What the queue was told of a stream, in order. */
function told(queue: MockInstance<Queue<News>["send"]>, stream: string): number[] {
  return queue.mock.calls.flatMap(([news]) => (news.stream === stream ? [news.upTo] : []));
}

describe("the news of a stream", () => {
  it("[LOG4] are told in order, when D1 has the events", async () => {
    const queue = spyOnQueue();
    const sale = await ObjectSale.open(50);
    for (let round = 0; round < 5; round++) {
      await sale.holds(5, { customer: `customer-${round}` });
      await sale.recorded();
    }
    const upTo = told(queue, `sku/${sale.name}`);
    expect(upTo).toEqual([...upTo].sort((one, other) => one - other));
    expect(upTo.at(-1)).toBe(26);
  });

  it("[LOG4] wait for D1, and are told when it is back", async () => {
    const queue = spyOnQueue();
    const outage = breakD1();
    const sale = await ObjectSale.open(5);
    await vi.waitFor(() => expect(outage).toHaveBeenCalled());
    expect(told(queue, `sku/${sale.name}`)).toEqual([]);
    outage.mockRestore();
    await vi.waitFor(() => expect(told(queue, `sku/${sale.name}`)).toEqual([1]), 5000);
  });

  it("[LOG4] that the queue refuses slow neither sale nor record, and are told when it takes them", async () => {
    const queue = breakQueue();
    const sale = await ObjectSale.open(30);
    await sale.holds(20);
    await vi.waitFor(async () => expect(await sale.stub.health()).toMatchObject({ unrecordedEvents: 0 }), 5000);
    await expectSameInD1(sale);
    expect(await sale.stub.health()).toMatchObject({ unannouncedEvents: 21 });
    expect(await sale.alarmAt()).not.toBeNull();
    const tries = queue.mock.calls.length;

    queue.mockRestore();
    const working = spyOnQueue();
    stopClock(Date.now() + RECORD_BACKOFF_MS_MAX);
    await sale.ring();
    await vi.waitFor(() => expect(told(working, `sku/${sale.name}`)).toEqual([21]), 5000);
    expect(tries).toBeGreaterThan(0);
    await sale.recorded();
  });

  it("[LOG4] are not forgotten by an object that dies before the queue has taken them", async () => {
    const queue = breakQueue();
    const sale = await ObjectSale.open(3);
    await vi.waitFor(() => expect(told(queue, `sku/${sale.name}`)).toEqual([1]), 5000);
    await evictDurableObject(sale.stub);
    queue.mockRestore();
    const working = spyOnQueue();
    stopClock(Date.now() + RECORD_BACKOFF_MS_MAX);
    await sale.ring();
    await vi.waitFor(() => expect(told(working, `sku/${sale.name}`)).toEqual([1]), 5000);
  });

  it("[LOG4] of a cart are told as well, though the queue refuses them first", async () => {
    const queue = breakQueue();
    const made = await CartCase.make();
    await made.open();
    const stream = cartObjectOf(made.id) ?? "";
    await vi.waitFor(() => expect(told(queue, stream).length).toBeGreaterThan(0), 5000);
    const upTo = told(queue, stream).at(-1);
    await made.crash();
    queue.mockRestore();
    const working = spyOnQueue();
    await made.pass(RECORD_BACKOFF_MS_MAX);
    await vi.waitFor(() => expect(told(working, stream)).toContain(upTo), 5000);
  });
});

/** What becomes of messages that a queue brings. */
async function bring(messages: { news: News; attempts?: number }[], queue = "holdfast-news") {
  const batch = createMessageBatch<News>(
    queue,
    messages.map(({ news, attempts = 1 }, index) => ({ id: `${index}`, timestamp: new Date(), attempts, body: news })),
  );
  const pauses = batch.messages.map((message) => vi.spyOn(message, "retry"));
  await consume(batch, env);
  const delays = pauses.flatMap(({ mock }) => mock.calls.map(([options]) => options?.delaySeconds));
  return { ...(await getQueueResult(batch, createExecutionContext())), delays };
}

async function countsOf(sale: ObjectSale): Promise<Record<string, number>> {
  const { results } = await env.DB.prepare(
    "SELECT metric, SUM(value) AS value FROM rollup WHERE sku = ? GROUP BY metric",
  )
    .bind(sale.name)
    .all<{ metric: string; value: number }>();
  return Object.fromEntries(results.map(({ metric, value }) => [metric, value]));
}

describe("the consumer of news", () => {
  it("[LOG5] [ANA2] counts all that the log has once, though messages are lost, doubled and in any order", async () => {
    const sale = await ObjectSale.open(9);
    const holds = await sale.holds(4);
    for (const { id } of holds.slice(0, 2)) await sale.confirm(id);
    await sale.recorded();
    const stream = `sku/${sale.name}`;
    const expected = { "sku.created": 1, "reservation.held": 4, "reservation.confirmed": 2, "#stock": 9, "#held": 2 };
    const news = [7, 3, 7, 1].map((upTo) => ({ news: { stream, upTo } }));
    expect(await bring(news)).toMatchObject({ ackAll: true });
    expect(await countsOf(sale)).toMatchObject({ ...expected, "#sold": 2 });
    await Promise.all([
      bring(news),
      bring(news.toReversed()),
      bring([{ news: { stream: "sku/of-nobody", upTo: 99 } }]),
    ]);
    expect(await countsOf(sale)).toMatchObject({ ...expected, "#sold": 2 });
  });

  it("[LOG6] has messages brought again, after pauses that grow, while D1 fails", async () => {
    breakD1();
    const news = { stream: "sku/any", upTo: 1 };
    const result = await bring([{ news }, { news, attempts: 4 }, { news, attempts: 10 }]);
    expect(result).toMatchObject({ ackAll: false, delays: [2, 16, 600] });
    expect(result.retryMessages).toHaveLength(3);
  });

  it("[LOG6] records dead letters, each once, and has them brought again while it cannot", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const news = { stream: "sku/any", upTo: 3 };
    const letters = () => env.DB.prepare("SELECT id, body FROM dead_letter").all();
    const statement = Object.getPrototypeOf(env.DB.prepare("SELECT 1")) as D1PreparedStatement;
    const outage = vi.spyOn(statement, "run").mockImplementation(() => Promise.reject(new Error("D1 is down")));
    expect(await bring([{ news }], "holdfast-news-dead")).toMatchObject({ ackAll: false, retryBatch: { retry: true } });
    outage.mockRestore();
    for (let times = 0; times < 2; times++) {
      expect(await bring([{ news }, { news }], "holdfast-news-dead")).toMatchObject({ ackAll: true });
    }
    expect((await letters()).results).toEqual([0, 1].map((id) => ({ id: `${id}`, body: JSON.stringify(news) })));
  });
});
