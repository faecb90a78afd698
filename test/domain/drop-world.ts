import { expect } from "vitest";
import { LOCK_MS } from "../../src/domain/bounds.ts";
import type { Refusal } from "../../src/domain/command.ts";
import {
  commandFor,
  type Drop,
  type DropMessage,
  type DropPlan,
  decisionFor,
  draftDrop,
  giveUp,
  messagesOf,
  planOf,
  propose,
  receive,
} from "../../src/domain/drop.ts";
import { MemoryObject } from "./memory-object.ts";
import { allowanceOf, only, request, START } from "./sale.ts";

export const PLAN: DropPlan = {
  name: "Noon",
  skus: ["a", "b", "c"],
  opensAt: null,
  closesAt: null,
  perCustomerLimit: 1,
  paused: false,
};

export type Fate = "fine" | "lost" | "answer lost" | "twice" | "late";

/** SKUs and drops that tell them things, one message at a time. */
export class DropWorld {
  now = START;
  readonly skus = new Map<string, MemoryObject>();
  readonly drops = new Map<string, Drop>();
  #late: (() => void)[] = [];
  steps = 0;

  constructor() {
    for (const sku of ["a", "b", "c", "d"]) {
      const object = new MemoryObject(START);
      object.execute([request({ type: "create", sku, name: sku, stock: 3, policy: {} })]);
      this.skus.set(sku, object);
    }
  }

  drop(name = "noon"): Drop {
    return structuredClone(this.drops.get(name) ?? draftDrop(name, "", this.now));
  }

  propose(plan: Partial<DropPlan>, name = "noon"): void {
    const drop = this.drop(name);
    const proposed = propose(drop, { ...planOf(drop), ...plan }, this.now);
    if (proposed) this.drops.set(name, proposed);
  }

  object(sku: string): MemoryObject {
    const object = this.skus.get(sku);
    if (object === undefined) throw new Error(`there is no ${sku}`);
    return object;
  }

  say(message: DropMessage, fate: Fate, name: string): void {
    this.steps += 1;
    const effect = () => this.#deliver(message, name);
    if (fate === "lost") return;
    if (fate === "late") {
      this.#late.push(effect);
      return;
    }
    const refusal = effect();
    if (fate === "twice") effect();
    if (fate !== "answer lost") this.drops.set(name, receive(this.drop(name), message, refusal, this.now));
  }

  /** Says one of the messages there are. Of those that are late only one at a time is on its way. */
  sayOne(name: string, pick: number, fate: Fate): void {
    const messages = messagesOf(this.drop(name));
    const message = messages[pick % Math.max(1, messages.length)];
    if (message) this.say(message, fate === "late" && this.hasLate ? "lost" : fate, name);
  }

  drive(fateOf: (step: number) => Fate = () => "fine", stopAt = Number.POSITIVE_INFINITY, name = "noon"): void {
    for (let rounds = 0; rounds < 50; rounds++) {
      const messages = messagesOf(this.drop(name));
      if (messages.length === 0) return;
      for (const message of messages) {
        if (this.steps >= stopAt) return;
        this.say(message, fateOf(this.steps), name);
      }
    }
    throw new Error("the drop never comes to rest");
  }

  /** What its alarm does after a crash: a question that is open is taken back, all else goes on. */
  resume(name = "noon"): void {
    this.drops.set(name, giveUp(this.drop(name)));
    this.drive(undefined, undefined, name);
  }

  /** Whatever was on its way arrives after all, or one of it. */
  deliverLate(pick?: number): void {
    const late =
      pick === undefined ? this.#late.splice(0) : this.#late.splice(pick % Math.max(1, this.#late.length), 1);
    for (const effect of late) effect();
  }

  get hasLate(): boolean {
    return this.#late.length > 0;
  }

  /** Time passes, and whoever is left frozen asks its drop. The decision may be long on its way back. */
  pass(ms: number, isLate = false): void {
    this.now += ms;
    for (const [sku, object] of this.skus) {
      object.now = this.now;
      object.wake();
      const { drop, membership } = object.sku ?? { drop: null, membership: null };
      const frozenAt = membership?.frozenAt ?? null;
      if (drop === null || frozenAt === null || frozenAt + LOCK_MS > this.now) continue;
      const decision = decisionFor(this.drop(drop), sku);
      const effect = () => decision && this.#execute(sku, { type: "enroll", drop, ...decision });
      if (isLate) this.#late.push(effect);
      else effect();
    }
  }

  /** What was late arrives, and whoever is left frozen asks its drop. */
  settle(): void {
    this.deliverLate();
    this.pass(LOCK_MS);
  }

  #deliver(message: DropMessage, drop: string): Refusal | null {
    const { sku } = message;
    if (!this.skus.has(sku)) return { code: "not-found" };
    return this.#execute(sku, commandFor(drop, message));
  }

  #execute(sku: string, command: Parameters<typeof request>[0]): Refusal | null {
    const outcome = only(this.object(sku).execute([request(command, { actor: { role: "service" } })]));
    return outcome.ok ? null : outcome.refusal;
  }

  /** Somebody holds a unit, if the sale goes on; what a limit counts is granted at once. */
  hold(sku: string): void {
    const id = `hold-${sku}-${this.object(sku).events.length}`;
    this.#execute(sku, { type: "reserve", id, customer: "ann", quantity: 1, metadata: {} });
    this.#execute(sku, { type: "settle", id, granted: true, of: "reserve" });
  }

  /** All units of a SKU are given back. */
  empty(sku: string): void {
    for (const { id } of [...this.object(sku).reservations.values()]) this.#execute(sku, { type: "release", id });
  }

  /** Who has agreed sells nothing until it is decided; and what is in use is counted as the drop says. */
  checkOnTheWay(): void {
    for (const { drop, change } of this.drops.values()) {
      if (change?.phase !== "asking") continue;
      const frozen = change.agreed.filter((sku) => {
        const state = this.object(sku).sku;
        return state?.drop === drop && state.membership?.frozenAt != null && state.held === 0;
      });
      expect(frozen).toEqual(change.agreed);
    }
    for (const { sku, reservations } of this.skus.values()) {
      const drop = sku?.membership?.limit == null ? null : sku.drop;
      const live = [...reservations.values()].filter(({ status }) => status === "held");
      const counts = (customer: string) => (drop === null ? null : allowanceOf(drop, customer));
      expect(live.filter(({ countedBy, customer }) => countedBy !== counts(customer))).toEqual([]);
    }
  }

  /** Every SKU says of itself what the drop says of it, and nobody is frozen. */
  check(): void {
    for (const [sku, { sku: state }] of this.skus) {
      const owner = [...this.drops.values()].find(({ skus, revision }) => revision > 0 && skus.includes(sku));
      expect([sku, state?.drop ?? null]).toEqual([sku, owner?.drop ?? null]);
      if (owner === undefined) expect(state?.membership).toBeNull();
      else {
        const { revision, opensAt, closesAt, paused, perCustomerLimit: limit } = owner;
        expect(state?.membership).toMatchObject({ revision, opensAt, closesAt, paused, limit, frozenAt: null });
      }
    }
  }
}

export function created(plan: Partial<DropPlan> = {}): DropWorld {
  const world = new DropWorld();
  world.propose({ ...PLAN, ...plan });
  world.drive();
  world.steps = 0;
  return world;
}
