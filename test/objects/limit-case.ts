import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type MockInstance, vi } from "vitest";
import { type Claim, claimOf, type Grant } from "../../src/domain/allowance.ts";
import type { Command, Outcome } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import type { AllowanceObject } from "../../src/objects/allowance/allowance-object.ts";
import { AllowanceStore } from "../../src/storage/allowance-store.ts";
import { allowanceOf, only } from "../domain/sale.ts";
import { ObjectSale, type Wish, wish } from "./object-sale.ts";
import { type Methods, prototypeOf } from "./prototype.ts";

export const SERVICE = { actor: { role: "service" as const }, key: null };

type Call = MockInstance<Methods[string]>;

/** Two sizes of a drop with a limit of one, and a customer. */
export class LimitCase {
  readonly drop = `drop-${crypto.randomUUID()}`;
  readonly customer = `customer-${crypto.randomUUID()}`;
  sizes: ObjectSale[] = [];

  static async make(stock = 5): Promise<LimitCase> {
    const made = new LimitCase();
    made.sizes = await Promise.all([1, 2].map(() => ObjectSale.open(stock)));
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
    for (const size of made.sizes) await size.run({ type: "enroll", drop: made.drop, terms }, SERVICE);
    return made;
  }

  get allowance(): DurableObjectStub<AllowanceObject> {
    return env.ALLOWANCE.getByName(allowanceOf(this.drop, this.customer));
  }

  /** A customer whom the same object counts. */
  neighbour(index: number): string {
    for (let tries = 0; ; tries++) {
      const name = `neighbour-${index}-${tries}`;
      if (allowanceOf(this.drop, name) === allowanceOf(this.drop, this.customer)) return name;
    }
  }

  size(index: number): ObjectSale {
    const size = this.sizes[index];
    if (size === undefined) throw new Error("there is no such size");
    return size;
  }

  reserve(index: number, wanted: Wish = {}): Promise<Outcome> {
    return this.size(index).reserve({ customer: this.customer, ...wanted });
  }

  hold(index: number, wanted: Wish = {}): Promise<Reservation> {
    return this.size(index).hold({ customer: this.customer, ...wanted });
  }

  /** A line of a cart, which stays a try once it is granted. */
  async line(index: number): Promise<Reservation> {
    const command = { ...wish({ customer: this.customer }), cart: "cart" } as Command;
    const outcome = await this.size(index).run(command);
    if (!outcome.ok || outcome.type !== "try") throw new Error(`no try: ${JSON.stringify(outcome)}`);
    return outcome.reservation;
  }

  /** What a SKU asks about a try of one unit. */
  claimIn(index: number, customer: string): Claim {
    return { id: `claim of ${customer}`, customer, sku: this.size(index).name, units: 1, version: 1, limit: 1 };
  }

  /** Asks the limit as a SKU does. */
  async claim(reservation: Reservation): Promise<Grant | null> {
    return only((await this.allowance.claim([claimOf(reservation, 1)])) as (Grant | null)[]);
  }

  settle(index: number, id: string, granted = true): Promise<Outcome> {
    return this.size(index).run({ type: "settle", id, granted, of: "reserve" }, SERVICE);
  }

  /** What its object counts. */
  counted(): Promise<{ id: string; units: number }[]> {
    return runInDurableObject(this.allowance, (_instance, state) =>
      state.storage.sql.exec<{ id: string; units: number }>("SELECT id, units FROM counted ORDER BY id").toArray(),
    );
  }

  /** How SQLite goes about the queries of its object's store. */
  plan(act: (store: AllowanceStore) => void): Promise<string[]> {
    return runInDurableObject(this.allowance, (_instance, state) => {
      const { sql } = state.storage;
      const steps: string[] = [];
      const exec = (query: string, ...given: SqlStorageValue[]) => {
        for (const { detail } of sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...given))
          steps.push(detail);
        return sql.exec(query, ...given);
      };
      act(new AllowanceStore({ exec } as unknown as SqlStorage));
      return steps;
    });
  }

  /** Names of the tables that its object has. */
  tables(): Promise<string[]> {
    return runInDurableObject(this.allowance, (_instance, state) => {
      const rows = state.storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
      return Array.from(rows, ({ name }) => name).filter((name) => !name.startsWith("_cf"));
    });
  }

  /** Watches what Allowance objects are asked and told. */
  async watch(method: "claim" | "report" | "left"): Promise<Call> {
    return vi.spyOn(await prototypeOf(this.allowance, method), method);
  }

  /** Watches what SKUs are asked about claims. */
  async watchCounts(): Promise<Call> {
    return vi.spyOn(await prototypeOf(this.size(0).stub, "count"), "count");
  }

  /** Keeps news from reaching the one who counts. */
  async deafen(): Promise<void> {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    (await this.watch("report")).mockRejectedValue(new Error("lost on the way"));
  }
}
