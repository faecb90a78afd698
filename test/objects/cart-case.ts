import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Cart } from "../../src/domain/cart.ts";
import { cartIdOf, cartObjectOf } from "../../src/domain/cart-placement.ts";
import type { CartOutcome, CartRequest } from "../../src/domain/cart-requests.ts";
import type { Request } from "../../src/domain/command.ts";
import type { CartObject } from "../../src/objects/cart/cart-object.ts";
import { allowanceOf } from "../domain/sale.ts";
import { ObjectSale, stopClock } from "./object-sale.ts";

const STOREFRONT = { role: "storefront" as const };

export type Failing = "before" | "after" | "crash";

/** Two SKUs, the second under the limit of a drop, and a cart of one unit of each. */
export class CartCase {
  readonly id = cartIdOf(crypto.randomUUID());
  readonly customer = `customer-${this.id}`;
  readonly drop = `drop-${this.id}`;
  plain = new ObjectSale();
  limited = new ObjectSale();
  /** A SKU that no call of the cart reaches. */
  away: ObjectSale | null = null;
  /** No news of its lines reach the cart. */
  isDeaf = false;
  /** How long those who ask the cart wait for D1, which is told sooner when anybody waits. */
  waitMs = 0;
  #calls = 0;
  readonly #failing = new Map<number, Failing>();

  static async make(): Promise<CartCase> {
    const made = new CartCase();
    made.plain = await ObjectSale.open(2);
    made.limited = await ObjectSale.open(2);
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: 1 };
    await made.limited.run({ type: "enroll", drop: made.drop, terms }, { actor: { role: "service" }, key: null });
    await made.#watchCalls();
    return made;
  }

  get stub(): DurableObjectStub<CartObject> {
    return env.CART.getByName(cartObjectOf(this.id) ?? "");
  }

  get calls(): number {
    return this.#calls;
  }

  /** The n-th call of the cart to another object, from 0, fails: before or after its effect, or the cart dies with it. */
  failCall(at: number, failing: Failing): void {
    this.#failing.set(at, failing);
  }

  async #watchCalls(): Promise<void> {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const allowance = env.ALLOWANCE.getByName(allowanceOf(this.drop, this.customer));
    await runInDurableObject(allowance, (instance) => this.#watch(instance, "claim"));
    await runInDurableObject(this.plain.stub, (instance) => this.#watch(instance, "execute"));
    await runInDurableObject(this.stub, (instance) => this.#watch(instance, "lost"));
  }

  /** Spies on the class, for only what a prototype has can be called from another object. */
  #watch(instance: object, method: string): void {
    let prototype: Methods = Object.getPrototypeOf(instance);
    while (!Object.hasOwn(prototype, method)) prototype = Object.getPrototypeOf(prototype);
    const real = prototype[method];
    const arrives = (at: string | undefined, given: unknown[]) => this.#arrives(method, at, given);
    const crash = () => this.crash();
    vi.spyOn(prototype, method).mockImplementation(async function (this: object, ...given: unknown[]) {
      const fails = arrives((this as { ctx: DurableObjectState }).ctx.id.name, given);
      if (fails === "before") throw new Error("lost on the way");
      const answer = await real?.apply(this, given);
      if (fails === "crash") await crash();
      if (fails === "after") throw new Error("lost on the way back");
      return answer;
    });
  }

  #arrives(method: string, at: string | undefined, given: unknown[]): Failing | null {
    if (method === "lost") return this.isDeaf ? "before" : null;
    if (method === "execute" && !isCartRequest(given[0] as Request[], this.id)) return null;
    const isAway = this.away !== null && at === this.away.name;
    // Nobody waits for what lines are told of a refund, so that it comes between other calls at any place.
    if (method === "execute" && isTelling(given[0] as Request[])) return isAway ? "before" : null;
    this.#calls += 1;
    if (isAway) return "before";
    return this.#failing.get(this.#calls - 1) ?? null;
  }

  async open(): Promise<CartOutcome> {
    const lines = [this.plain, this.limited].map(({ name }) => ({
      sku: name,
      quantity: 1,
      reservation: crypto.randomUUID(),
    }));
    const { id, customer } = this;
    const wanted = { id, customer, role: "storefront" as const, mode: "all_or_nothing" as const, ttlSeconds: null };
    return (await this.stub.open({ ...wanted, lines, content: "c" }, this.waitMs)).outcome as CartOutcome;
  }

  async act(ask: CartRequest["ask"], key: string | null = null): Promise<CartOutcome> {
    const request = { actor: STOREFRONT, ask, key, content: JSON.stringify(ask) };
    return (await this.stub.act(this.id, request, this.waitMs)).outcome as CartOutcome;
  }

  look(): Promise<Cart | null> {
    return this.stub.look(this.id, STOREFRONT) as Promise<Cart | null>;
  }

  /** Loses everything that the cart's object has in memory. */
  async crash(): Promise<void> {
    try {
      await runInDurableObject(this.stub, (_instance, state) => state.abort("crash"));
    } catch {
      // The call that aborts is aborted with it.
    }
  }

  /** Time passes, and the alarms of the SKUs ring, after that of the cart unless it stays away. */
  async pass(ms: number, cartIsAway = false): Promise<void> {
    stopClock(Date.now() + ms);
    if (!cartIsAway) await runDurableObjectAlarm(this.stub);
    for (const sale of [this.plain, this.limited]) await sale.ring();
  }

  async holds(): Promise<{ held: number; sold: number }> {
    const views = await Promise.all([this.plain.look(), this.limited.look()]);
    return {
      held: views.reduce((sum, { held }) => sum + held, 0),
      sold: views.reduce((sum, { sold }) => sum + sold, 0),
    };
  }
}

type Methods = Record<string, (this: object, ...given: unknown[]) => Promise<unknown>>;

function isTelling(requests: Request[]): boolean {
  return requests.some(({ command }) => command.type === "refund");
}

function isCartRequest(requests: Request[], cart: string): boolean {
  return requests.some(({ actor, command }) => {
    return (actor.role === "cart" && actor.cart === cart) || (command.type === "reserve" && command.cart === cart);
  });
}
