import { afterEach, describe, expect, it, vi } from "vitest";
import type { DropPlan } from "../../src/domain/drop.ts";
import type { DropOutcome } from "../../src/objects/rpc.ts";
import { DropCase } from "./drop-case.ts";
import { ObjectSale } from "./object-sale.ts";

/** A change of a drop, which all SKUs take or none, whatever gets lost on the way. */
interface Story {
  name: string;
  before(made: DropCase): Promise<unknown>;
  act(made: DropCase): Promise<DropOutcome>;
  /** How many calls ask for agreement, and how many tell what was decided. */
  asks: number;
  tells: number;
  /** A SKU says no: what was asked is taken back. */
  isRefused?: boolean;
}

const namesOf = (made: DropCase) => made.sales.map(({ name }) => name);

/** Changes to which SKUs join, or that switch a limit on. */
export const JOINING: readonly Story[] = [
  {
    name: "a new drop",
    before: async () => {},
    act: (made) => made.create({ perCustomerLimit: 1 }),
    asks: 3,
    tells: 3,
  },
  {
    name: "a drop that takes a fourth SKU for its third",
    before: async (made) => {
      await made.create();
      made.sales.push(await ObjectSale.open(5));
    },
    act: (made) => made.patch({ skus: namesOf(made).toSpliced(2, 1) }),
    asks: 2,
    tells: 4,
  },
  {
    name: "a drop whose limit is switched on",
    before: (made) => made.create(),
    act: (made) => made.patch({ perCustomerLimit: 2, name: "Limited" }),
    asks: 3,
    tells: 3,
  },
];

/** Changes of which SKUs only hear, or to which one says no. */
export const TELLING: readonly Story[] = [
  {
    name: "a drop that is paused and put off",
    before: (made) => made.create(),
    act: (made) => made.patch({ paused: true, closesAt: 4_000_000_000_000 }),
    asks: 0,
    tells: 3,
  },
  {
    name: "a drop of which a unit is in use",
    before: async (made) => {
      await made.create();
      await made.sales[0]?.hold();
    },
    act: (made) => made.patch({ perCustomerLimit: 2 }),
    asks: 3,
    tells: 3,
    isRefused: true,
  },
];

/** Every SKU knows of the drop what the drop says, and none waits for anything. */
async function expectAgreement(made: DropCase): Promise<void> {
  const drop = await made.look();
  for (const sale of made.sales) {
    const { drop: known, membership, state } = await sale.look();
    const isMember = drop?.skus.includes(sale.name) ?? false;
    expect([sale.name, known]).toEqual([sale.name, isMember ? made.name : null]);
    if (!isMember || drop === null) expect(membership).toBeNull();
    else {
      const { revision, opensAt, closesAt, paused, perCustomerLimit: limit } = drop;
      expect(membership).toMatchObject({ revision, opensAt, closesAt, paused, limit, frozenAt: null });
    }
    expect(state).toBe(isMember && drop?.paused ? "paused" : "open");
  }
  expect(drop?.change ?? null).toBeNull();
}

async function planOf(made: DropCase): Promise<DropPlan | null> {
  const drop = await made.look();
  if (drop === null) return null;
  const { name, skus, opensAt, closesAt, perCustomerLimit, paused } = drop;
  return { name, skus, opensAt, closesAt, perCustomerLimit, paused };
}

/** Tests that a change ends the same whichever of its calls is lost. */
export function describeDropLosses(story: Story): void {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  describe(story.name, () => {
    const places = Array.from({ length: story.asks + story.tells }, (_none, at) => at);

    /** The case right before the change, and its plan as it was. */
    async function ready(): Promise<{ made: DropCase; old: DropPlan | null }> {
      const made = await DropCase.make();
      await story.before(made);
      return { made, old: await planOf(made) };
    }

    async function expectOutcome(made: DropCase, old: DropPlan | null, outcome: DropOutcome): Promise<void> {
      expect(outcome.ok).toBe(story.isRefused !== true);
      if (story.isRefused) expect(await planOf(made)).toEqual(old);
      else expect(await planOf(made)).not.toEqual(old);
      await expectAgreement(made);
    }

    it("[DRP6] makes as many calls as these tests take away", async () => {
      const { made, old } = await ready();
      await made.failCall(null, "before");
      await expectOutcome(made, old, await story.act(made));
      expect(made.calls).toBe(story.asks + story.tells);
    });

    it.each(places)("[DRP7] is changed all the same when call %i is lost before its effect", async (at) => {
      const { made, old } = await ready();
      await made.failCall(at, "before");
      await expectOutcome(made, old, await story.act(made));
    });

    it.each(places)("[DRP7] is changed all the same when the answer to call %i is lost", async (at) => {
      const { made, old } = await ready();
      await made.failCall(at, "after");
      await expectOutcome(made, old, await story.act(made));
    });

    it.each(places)("[DRP6] [DRP7] is changed for all SKUs or none when it dies under call %i", async (at) => {
      const { made, old } = await ready();
      await made.failCall(at, "crash");
      await story.act(made).then(
        () => expect.unreachable("the drop answered after its death"),
        () => undefined,
      );
      vi.restoreAllMocks();
      await made.ring();
      await expectAgreement(made);
      const isDecided = at >= story.asks && story.isRefused !== true;
      if (isDecided) expect(await planOf(made)).not.toEqual(old);
      else expect(await planOf(made)).toEqual(old);
      const next = (await made.look()) === null ? await made.create() : await made.patch({ name: "Next" });
      expect(next.ok).toBe(true);
      await expectAgreement(made);
    });
  });
}
