import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Command, Request } from "../../src/domain/command.ts";
import type { Drop, DropPlan } from "../../src/domain/drop.ts";
import type { DropObject } from "../../src/objects/drop/drop-object.ts";
import type { DropOutcome } from "../../src/objects/rpc.ts";
import { ObjectSale } from "./object-sale.ts";

/** A drop over three SKUs, whose messages to one of them can be made to fail. */
export class DropCase {
  readonly name = `drop-${crypto.randomUUID()}`;
  sales: ObjectSale[] = [];
  #calls = 0;

  static async make(stock = 5): Promise<DropCase> {
    const made = new DropCase();
    made.sales = await Promise.all([1, 2, 3].map(() => ObjectSale.open(stock)));
    return made;
  }

  /** How many calls the drop has made since they are counted. */
  get calls(): number {
    return this.#calls;
  }

  get stub(): DurableObjectStub<DropObject> {
    return env.DROP.getByName(this.name);
  }

  get plan(): DropPlan {
    const skus = this.sales.map(({ name }) => name);
    return { name: "Noon", skus, opensAt: null, closesAt: null, perCustomerLimit: null, paused: false };
  }

  async create(members: Partial<DropPlan> = {}): Promise<DropOutcome> {
    const change = { type: "create" as const, plan: { ...this.plan, ...members } };
    return (await this.stub.change({ change, key: null, content: "" }, 0)).outcome as DropOutcome;
  }

  async patch(plan: Partial<DropPlan>, patienceMs?: number): Promise<DropOutcome> {
    const change = { type: "patch" as const, plan, ifRevisions: undefined };
    return (await this.stub.change({ change, key: null, content: "" }, 0, patienceMs)).outcome as DropOutcome;
  }

  look(): Promise<Drop | null> {
    return this.stub.look() as Promise<Drop | null>;
  }

  /** What the SKUs say of their drop. */
  async members(): Promise<{ drop: string | null; state: string; revision: number | null }[]> {
    const views = await Promise.all(this.sales.map((sale) => sale.look()));
    return views.map(({ drop, state, membership }) => ({ drop, state, revision: membership?.revision ?? null }));
  }

  /** Calls of one type to the second SKU do not arrive, and `atCall` happens instead. */
  breakCalls(type: Command["type"], atCall: () => Promise<void> = async () => {}): Promise<void> {
    return this.#spyOnCalls(async (sku, command, proceed) => {
      if (sku !== this.sales[1]?.name || command.type !== type) return proceed();
      await atCall();
      throw new Error("lost on the way");
    });
  }

  /** The n-th call from now on, from 0, fails: before or after its effect, or the drop dies with it. */
  failCall(at: number | null, failing: "before" | "after" | "crash"): Promise<void> {
    this.#calls = 0;
    return this.#spyOnCalls(async (_sku, command, proceed) => {
      if ((command.type !== "freeze" && command.type !== "enroll") || command.drop !== this.name) return proceed();
      this.#calls += 1;
      const fails = this.#calls - 1 === at;
      if (fails && failing === "before") throw new Error("lost on the way");
      const answer = await proceed();
      if (fails && failing === "crash") await this.crash();
      if (fails) throw new Error("lost on the way back");
      return answer;
    });
  }

  /** Spies on the class, for only what a prototype has can be called from another object. */
  async #spyOnCalls(meet: (sku: string, command: Command, proceed: () => Promise<unknown>) => Promise<unknown>) {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    await runInDurableObject(this.sales[1]?.stub as DurableObjectStub<never>, (instance: object) => {
      let prototype = Object.getPrototypeOf(instance);
      while (!Object.hasOwn(prototype, "execute")) prototype = Object.getPrototypeOf(prototype);
      const real = prototype.execute;
      vi.spyOn(prototype, "execute").mockImplementation(function (this: unknown, ...given: unknown[]) {
        const [request] = (given as [Request[]])[0];
        const sku = (this as { ctx: DurableObjectState }).ctx.id.name ?? "";
        const proceed = () => real.apply(this, given);
        return request === undefined ? proceed() : meet(sku, request.command, proceed);
      });
    });
  }

  async crash(): Promise<void> {
    await runInDurableObject(this.stub, (_instance, state) => state.abort("crash")).catch(() => undefined);
  }

  ring(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }
}
