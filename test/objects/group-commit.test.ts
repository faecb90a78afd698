import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BATCH_COMMANDS_MAX, GROUP_COMMANDS_MAX, PENDING_COMMANDS_MAX } from "../../src/domain/bounds.ts";
import type { Request } from "../../src/domain/command.ts";
import { call, newSku, storefront } from "../client.ts";
import { partsOf, reservationOf, verdictOf } from "../domain/sale.ts";
import { keyed, ObjectSale, wish } from "./object-sale.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Hands calls to the object in one tick, so that they wait together; returns their verdicts and the transactions it took. */
function together(sale: ObjectSale, calls: Request[][]): Promise<{ verdicts: string[][]; transactions: number }> {
  return runInDurableObject(sale.stub, async (instance, state) => {
    const transactions = vi.spyOn(Object.getPrototypeOf(state.storage) as DurableObjectStorage, "transactionSync");
    const settled = await Promise.allSettled(calls.map((requests) => instance.execute(requests, 0)));
    const verdicts = settled.map((one) =>
      one.status === "fulfilled" ? one.value.outcomes.map(verdictOf) : ["thrown"],
    );
    return { verdicts, transactions: transactions.mock.calls.length };
  });
}

/** Makes the database itself refuse this customer's holds, in the middle of the transaction. */
async function poison(sale: ObjectSale): Promise<void> {
  await sale.rows(
    `CREATE TRIGGER poison BEFORE INSERT ON reservation WHEN NEW.customer = 'mallory'
    BEGIN SELECT RAISE(ABORT, 'poisoned'); END`,
  );
}

describe("group commit", () => {
  it("[TXN1] judges a call at once, and those that come during its commit together, in order, each with its own outcome", async () => {
    const sale = await ObjectSale.open(3);
    const calls = ["zoe", "ann", "bob", "cid", "dan"].map((customer) => [keyed(wish({ customer }))]);
    const { verdicts, transactions } = await together(sale, calls);
    expect(verdicts).toEqual([["ok"], ["ok"], ["ok"], ["insufficient-stock"], ["insufficient-stock"]]);
    expect(transactions).toBe(2);
  });

  it("[TXN7] judges them though no timer fires, as when the clock is set back", async () => {
    const sale = await ObjectSale.open(10);
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const calls = ["ann", "bob", "cid"].map((customer) => [keyed(wish({ customer }))]);
    const { verdicts } = await together(sale, calls);
    expect(verdicts).toEqual([["ok"], ["ok"], ["ok"]]);
    expect(verdictOf(await sale.reserve({ customer: "dan" }))).toBe("ok");
  });

  it("goes on with the next group after one that wrote nothing", async () => {
    const sale = await ObjectSale.open(1);
    await sale.hold();
    const { verdicts } = await together(sale, [[keyed(wish())], [keyed(wish())]]);
    expect(verdicts).toEqual([["insufficient-stock"], ["insufficient-stock"]]);
    expect(verdictOf(await sale.reserve())).toBe("insufficient-stock");
  });

  it("gives a call of several requests its own outcomes, none of its neighbour's", async () => {
    const sale = await ObjectSale.open(100);
    const outcomes = await runInDurableObject(sale.stub, (instance) =>
      Promise.all(
        [1, 3, 2].map((count, caller) =>
          instance.execute(
            Array.from({ length: count }, () => keyed(wish({ customer: `customer-${caller}` }))),
            0,
          ),
        ),
      ),
    );
    expect(outcomes.map((one) => one.outcomes.map((outcome) => reservationOf(outcome).customer))).toEqual([
      ["customer-0"],
      ["customer-1", "customer-1", "customer-1"],
      ["customer-2", "customer-2"],
    ]);
  });

  it("opens a second transaction past the most that may share one", async () => {
    const sale = await ObjectSale.open(10_000);
    const calls = Array.from({ length: 15 }, (_none, caller) =>
      Array.from({ length: 100 }, (_zero, index) => keyed(wish({ customer: `customer-${caller}-${index}` }))),
    );
    const { verdicts, transactions } = await together(sale, calls);
    expect(verdicts.flat().every((verdict) => verdict === "ok")).toBe(true);
    // The first call by itself, and then the others, fewer together on a slow machine.
    expect(transactions).toBeGreaterThanOrEqual(1 + Math.ceil(1400 / GROUP_COMMANDS_MAX));
    expect(transactions).toBeLessThanOrEqual(1 + Math.ceil(1400 / BATCH_COMMANDS_MAX));
    await sale.audit();
  });

  it("[TXN4] lets a command that breaks the transaction break only itself", async () => {
    const sale = await ObjectSale.open(10);
    await poison(sale);
    const calls = ["ann", "mallory", "bob", "cid"].map((customer) => [keyed(wish({ customer }))]);
    const { verdicts } = await together(sale, calls);
    expect(verdicts).toEqual([["ok"], ["thrown"], ["ok"], ["ok"]]);
    expect(await sale.look()).toMatchObject({ held: 3, version: 4 });
    await sale.audit();
  });

  it("[TXN2] writes nothing of a call that breaks in the middle: rows, keys, counts and alarm", async () => {
    const sale = await ObjectSale.open(10);
    await sale.recorded();
    await sale.ring();
    await poison(sale);
    const alarmBefore = await sale.alarmAt();
    const requests = [keyed(wish({ customer: "ann", ttlSeconds: 1 })), keyed(wish({ customer: "mallory" }))];
    const { verdicts } = await together(sale, [requests]);
    expect(verdicts).toEqual([["thrown"]]);
    expect(await sale.count("reservation")).toBe(0);
    expect(await sale.count("command")).toBe(1);
    expect(await sale.alarmAt()).toBe(alarmBefore);
    await sale.audit();

    // The alarm was rolled back with the rest, and the object knows: the next hold arms it.
    const hold = await sale.hold({ ttlSeconds: 2 });
    expect(await sale.alarmAt()).toBeLessThanOrEqual(hold.expiresAt);
  });

  it("[TXN6] answers an outage for the broken call alone, through the Worker, and never `sold out`", async () => {
    const sku = await newSku(10);
    const sale = new ObjectSale(sku);
    await poison(sale);
    const reserveFor = (customer: string) =>
      call("POST", `/v1/skus/${sku}/reservations`, { as: storefront, body: { customer, quantity: 1 } });
    const answers = await Promise.all(["ann", "mallory", "bob"].map(reserveFor));
    expect(answers.map(({ status }) => status)).toEqual([201, 503, 201]);
    expect(answers[1]?.body).toMatchObject({ code: "unavailable" });
    expect(JSON.stringify(answers[1]?.body)).not.toContain("poisoned");
  });

  it("[BAT1] judges a batch in order in one transaction, part by part", async () => {
    const sale = await ObjectSale.open(3);
    const first = wish({ customer: "ann", quantity: 3 });
    const parts = [
      first,
      wish({ customer: "bob" }),
      { type: "release", id: "id" in first ? first.id : "" } as const,
      wish({ customer: "cid" }),
    ];
    const requests = parts.map((command) => keyed(command, { key: null }));
    const outcome = await sale.run({ type: "batch", requests });
    // The release names a hold that is made in the same batch: the object cannot know it yet.
    expect(partsOf(outcome).map(verdictOf)).toEqual(["ok", "insufficient-stock", "ok", "ok"]);
    await sale.audit();
  });
});

describe("shedding load", () => {
  const commands = (count: number): Request[] =>
    Array.from({ length: count }, (_none, index) =>
      keyed({ type: "release", id: `${Date.now().toString(16).padStart(12, "0")}-nobody-${index}` }),
    );

  it("[TXN6] takes as many commands as may wait, and answers `overloaded` to one more", async () => {
    const sale = await ObjectSale.open(2);
    const committing = [keyed(wish())];
    const { verdicts } = await together(sale, [committing, commands(PENDING_COMMANDS_MAX), [keyed(wish())]]);
    expect(verdicts[0]).toEqual(["ok"]);
    expect(new Set(verdicts[1])).toEqual(new Set(["not-found"]));
    expect(verdicts[2]).toEqual(["overloaded"]);
    expect(verdictOf(await sale.reserve())).toBe("ok");
  });

  it("counts the parts of a batch, and refuses a call that is too large by itself for every request in it", async () => {
    const sale = await ObjectSale.open(1);
    const batch = keyed({ type: "batch", requests: commands(BATCH_COMMANDS_MAX) });
    const full = Array.from({ length: PENDING_COMMANDS_MAX / BATCH_COMMANDS_MAX }, () => ({ ...batch, key: null }));
    const { verdicts } = await together(sale, [[...full, keyed(wish())], [keyed(wish())]]);
    expect(new Set(verdicts[0])).toEqual(new Set(["overloaded"]));
    expect(verdicts[0]).toHaveLength(full.length + 1);
    expect(verdicts[1]).toEqual(["ok"]);
  });
});
