import { describe, expect, it } from "vitest";
import { LOCK_MS } from "../../src/domain/bounds.ts";
import type { Refusal } from "../../src/domain/command.ts";
import {
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
  refusedPlan,
} from "../../src/domain/drop.ts";
import { MemoryObject } from "./memory-object.ts";
import { only, request, START } from "./sale.ts";

const PLAN: DropPlan = {
  name: "Noon",
  skus: ["a", "b", "c"],
  opensAt: null,
  closesAt: null,
  perCustomerLimit: 1,
  paused: false,
};

type Fate = "fine" | "lost" | "answer lost" | "twice" | "late";

/** SKUs and drops that tell them things, one message at a time. */
class DropWorld {
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

  /** What was late arrives, and whoever is left frozen asks its drop. */
  settle(): void {
    for (const effect of this.#late.splice(0)) effect();
    this.now += LOCK_MS;
    for (const [sku, object] of this.skus) {
      object.now = this.now;
      const { drop, membership } = object.sku ?? { drop: null, membership: null };
      if (drop === null || membership?.frozenAt == null) continue;
      const decision = decisionFor(this.drop(drop), sku);
      if (decision) this.#execute(sku, { type: "enroll", drop, terms: decision.terms });
    }
  }

  #deliver(message: DropMessage, drop: string): Refusal | null {
    const { sku } = message;
    if (!this.skus.has(sku)) return { code: "not-found" };
    const command =
      message.type === "freeze" ? { type: message.type, drop } : { type: message.type, drop, terms: message.terms };
    return this.#execute(sku, command);
  }

  #execute(sku: string, command: Parameters<typeof request>[0]): Refusal | null {
    const outcome = only(this.object(sku).execute([request(command, { actor: { role: "service" } })]));
    return outcome.ok ? null : outcome.refusal;
  }

  hold(sku: string): void {
    const command = { type: "reserve" as const, id: `hold-${sku}`, customer: "ann", quantity: 1, metadata: {} };
    this.object(sku).execute([request(command)]);
  }

  /** Every SKU says of itself what the drop says of it, and nobody is frozen. */
  check(): void {
    for (const [sku, { sku: state }] of this.skus) {
      const owner = [...this.drops.values()].find(({ skus, revision }) => revision > 0 && skus.includes(sku));
      expect([sku, state?.drop ?? null]).toEqual([sku, owner?.drop ?? null]);
      if (owner === undefined) expect(state?.membership).toBeNull();
      else {
        const { revision, opensAt, closesAt, paused, perCustomerLimit: limit } = owner;
        expect(state?.membership).toEqual({ revision, opensAt, closesAt, paused, limit, frozenAt: null });
      }
    }
  }
}

function created(plan: Partial<DropPlan> = {}): DropWorld {
  const world = new DropWorld();
  world.propose({ ...PLAN, ...plan });
  world.drive();
  world.steps = 0;
  return world;
}

/** What an operator does, and the revision that comes of it when nothing goes wrong. */
const CHANGES: { name: string; start: () => DropWorld; plan: Partial<DropPlan>; revision: number }[] = [
  { name: "a creation", start: () => new DropWorld(), plan: PLAN, revision: 1 },
  { name: "an opening time", start: created, plan: { opensAt: START + 5_000 }, revision: 2 },
  { name: "another number of the limit", start: created, plan: { perCustomerLimit: 3 }, revision: 2 },
  { name: "the limit switched off", start: created, plan: { perCustomerLimit: null }, revision: 2 },
  { name: "a SKU more and one less", start: created, plan: { skus: ["b", "c", "d"] }, revision: 2 },
  {
    name: "a creation that one SKU refuses",
    start: () => {
      const world = new DropWorld();
      world.hold("c");
      return world;
    },
    plan: PLAN,
    revision: 0,
  },
  {
    name: "a limit that one SKU refuses to drop",
    start: () => {
      const world = created({ perCustomerLimit: null });
      world.hold("b");
      return world;
    },
    plan: { perCustomerLimit: 1 },
    revision: 1,
  },
  { name: "a SKU that there is not", start: created, plan: { skus: ["a", "b", "c", "x"] }, revision: 1 },
];

describe.each(CHANGES)("$name", ({ start, plan, revision }) => {
  function begun(): DropWorld {
    const world = start();
    world.propose(plan);
    return world;
  }
  const whole = begun();
  whole.drive();

  it("[DRP6] reaches every SKU, or none", () => {
    expect(whole.drop().revision).toBe(revision);
    expect(whole.drop().refusal === null).toBe(revision === (start().drop().revision || 0) + 1);
    whole.check();
  });

  it("[DRP7] ends in every SKU alike when the drop stops after any step", () => {
    for (let stop = 0; stop <= whole.steps; stop++) {
      const world = begun();
      world.drive(undefined, stop);
      world.resume();
      world.settle();
      world.check();
    }
  });

  it.each(["lost", "answer lost", "twice", "late"] as const)(
    "[DRP7] ends in every SKU alike when a message is %s",
    (fate) => {
      for (let step = 0; step < whole.steps; step++) {
        const world = begun();
        world.drive((one) => (one === step ? fate : "fine"));
        world.settle();
        world.check();
        expect(world.drop().revision).toBe(revision);
      }
    },
  );
});

describe("drops that want the same SKU", () => {
  it("[DRP2] leave it to the first that asked, and the other is as it was", () => {
    const world = new DropWorld();
    world.propose(PLAN);
    world.drive(undefined, 2);
    world.propose({ ...PLAN, skus: ["d", "b"] }, "evening");
    world.drive(undefined, undefined, "evening");
    world.drive();
    world.check();
    expect(world.drop("evening").refusal).toEqual({ code: "drop-in-use", sku: "b" });
    expect(world.object("d").sku?.drop).toBeNull();
  });
});

describe("a plan", () => {
  it("[DRP8] has to close later than it opens", () => {
    const refusal = { code: "invalid-request", detail: "closesAt: must be later than opensAt" };
    expect(refusedPlan({ ...PLAN, opensAt: 5, closesAt: 5 })).toEqual(refusal);
    expect(refusedPlan({ ...PLAN, opensAt: 5, closesAt: 6 })).toBeNull();
  });

  it("[DRP8] that says what is there already is no change", () => {
    expect(propose(created().drop(), PLAN, START)).toBeNull();
  });
});
