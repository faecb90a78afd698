import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { Command, Outcome, Request } from "../../src/domain/command.ts";
import { findsItself } from "../../src/domain/command-facts.ts";
import type { Policy, Reservation, SkuView } from "../../src/domain/model.ts";
import type { Executed } from "../../src/objects/rpc.ts";
import type { SkuObject } from "../../src/objects/sku/sku-object.ts";
import { only, request, reservationOf, skuOf } from "../domain/sale.ts";

/** Stops the clock of tests and objects at `now`; alarms and timers go on in real time. */
export function stopClock(now: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now });
}

export interface Wish {
  customer?: string;
  quantity?: number;
  ttlSeconds?: number;
  metadata?: Record<string, string>;
}

/** A reserve as a command, with an id of the form that the Worker makes. */
export function wish({ customer = "ann", quantity = 1, ttlSeconds, metadata = {} }: Wish = {}): Command {
  const asked = ttlSeconds === undefined ? {} : { ttlSeconds };
  return { type: "reserve", id: newId(), customer, quantity, metadata, ...asked };
}

let idsMade = 0;

/** A fresh id, in the order of time. */
function newId(): string {
  idsMade += 1;
  return `${Date.now().toString(16).padStart(12, "0")}${idsMade.toString(16).padStart(8, "0")}${crypto.randomUUID().slice(0, 16)}`;
}

/** A request of a caller without a key, as the Worker sends it. */
export function keyed(command: Command, extra: Partial<Request> = {}): Request {
  return request(command, { key: findsItself(command) ? null : `~${crypto.randomUUID()}`, ...extra });
}

/** One SKU in its object, called by RPC as the Worker calls it: every call takes a fresh stub. */
export class ObjectSale {
  readonly name: string;

  constructor(name = `sku-${crypto.randomUUID()}`) {
    this.name = name;
  }

  /** A SKU that was just created. */
  static async open(stock: number, policy: Partial<Policy> = {}): Promise<ObjectSale> {
    const sale = new ObjectSale();
    await sale.create(stock, policy);
    return sale;
  }

  get stub(): DurableObjectStub<SkuObject> {
    return env.SKU.getByName(this.name);
  }

  async create(stock: number, policy: Partial<Policy> = {}): Promise<SkuView> {
    return skuOf(await this.run({ type: "create", sku: this.name, name: "Shoe", stock, policy }));
  }

  execute(requests: Request[], waitMs = 0): Promise<Executed> {
    return this.stub.execute(requests, waitMs) as Promise<Executed>;
  }

  async run(command: Command, extra: Partial<Request> = {}): Promise<Outcome> {
    return only((await this.execute([keyed(command, extra)])).outcomes);
  }

  reserve(wanted: Wish = {}): Promise<Outcome> {
    return this.run(wish(wanted));
  }

  async hold(wanted: Wish = {}): Promise<Reservation> {
    return reservationOf(await this.reserve(wanted));
  }

  /** Holds of one unit each for customers of their own, made in one transaction or a few. */
  async holds(count: number, wanted: Wish = {}): Promise<Reservation[]> {
    const requests = Array.from({ length: count }, (_none, index) =>
      keyed(wish({ customer: `customer-${index}`, ...wanted })),
    );
    const { outcomes } = await this.execute(requests);
    return outcomes.map(reservationOf);
  }

  confirm(id: string, members: { quantity?: number; orderId?: string } = {}): Promise<Outcome> {
    return this.run({ type: "confirm", id, ...members });
  }

  extend(id: string, ttlSeconds?: number): Promise<Outcome> {
    return this.run({ type: "extend", id, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) });
  }

  release(id: string): Promise<Outcome> {
    return this.run({ type: "release", id });
  }

  giveBack(id: string, quantity?: number): Promise<Outcome> {
    return this.run({ type: "return", id, restock: true, ...(quantity === undefined ? {} : { quantity }) });
  }

  async look(): Promise<SkuView> {
    const view = (await this.stub.look()) as SkuView | null;
    if (view === null) throw new Error(`there is no ${this.name}`);
    return view;
  }

  /** Rows of the object's own storage. */
  rows<Row extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]): Promise<Row[]> {
    return runInDurableObject(this.stub, (_instance, state) =>
      state.storage.sql.exec<Row>(query, ...bindings).toArray(),
    );
  }

  async count(table: string, where = "1"): Promise<number> {
    return only(await this.rows<{ count: number }>(`SELECT COUNT(*) AS count FROM ${table} WHERE ${where}`)).count;
  }

  /** Types of all events, in order. */
  async eventTypes(): Promise<string[]> {
    return (await this.rows<{ type: string }>("SELECT type FROM event ORDER BY sequence")).map(({ type }) => type);
  }

  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.stub, (_instance, state) => state.storage.getAlarm());
  }

  /** Lets the alarm ring now; false when none is set. */
  ring(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }

  /** Waits until D1 has every event. */
  async recorded(): Promise<void> {
    const isOut = { unrecordedEvents: 0, unannouncedEvents: 0 };
    await vi.waitFor(async () => expect(await this.stub.health()).toMatchObject(isOut), 5000);
  }

  /** Books that do not balance throw: counts against reservations, events against counts, sequences without gaps. */
  async audit(): Promise<void> {
    const sku = only(await this.rows<Books>("SELECT stock, held, sold, version FROM sku"));
    const { held, sold } = only(
      await this.rows<{ held: number; sold: number }>(
        `SELECT COALESCE(SUM(quantity) FILTER (WHERE status = 'held'), 0) AS held,
          COALESCE(SUM(confirmed_quantity - returned_quantity), 0) AS sold FROM reservation`,
      ),
    );
    const events = only(
      await this.rows<Books & { count: number }>(
        `SELECT SUM(d_stock) AS stock, SUM(d_held) AS held, SUM(d_sold) AS sold, MAX(sequence) AS version,
          COUNT(*) AS count FROM event`,
      ),
    );
    expect({ held, sold }).toEqual({ held: sku.held, sold: sku.sold });
    expect(events).toEqual({ ...sku, count: sku.version });
    expect(sku.held + sku.sold).toBeLessThanOrEqual(sku.stock);
  }
}

type Books = { stock: number; held: number; sold: number; version: number };
