import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { DEFAULT_POLICY } from "../../src/domain/model.ts";
import { Oracle } from "../domain/oracle.ts";
import { verdictOf } from "../domain/oracle-verdict.ts";
import { NO_TURNS, START } from "../domain/sale.ts";
import { commandOf, requestOf, type Step, story } from "../domain/steps.ts";
import { keyed, ObjectSale, stopClock } from "./object-sale.ts";

afterEach(() => vi.useRealTimers());

const POLICY = {
  ...DEFAULT_POLICY,
  ...NO_TURNS,
  ...{ holdTtlSeconds: 5, maxHoldSeconds: 8, lateConfirmSeconds: 6, perCustomerLimit: 5 },
  ...{ opensAt: START - 500, closesAt: START + 60_500 },
};

// Faults that were planted to see it fail: `now` as the later of the clock and the last commit, in `gather` and in what a look
// sees; an opening that a wrong clock made and that stays.

/** The object itself, by its own storage, and the oracle, told the same story by a clock that is set forward and back. */
class Trial {
  readonly #sale: ObjectSale;
  readonly #oracle: Oracle;
  #now = START;
  #ids = 0;

  constructor(sale: ObjectSale, stock: number) {
    this.#sale = sale;
    this.#oracle = new Oracle(stock, POLICY);
  }

  async follow(step: Step): Promise<void> {
    if (step.do === "wait") await this.#step(step.ms);
    else if (step.do === "wake") await this.#sale.ring();
    else await this.#execute(step);
    await this.#compare();
  }

  /** What a wrong clock has done by then is committed: somebody has looked. */
  async #step(ms: number): Promise<void> {
    await this.#compare();
    this.#now += ms;
    stopClock(this.#now);
  }

  async #execute({ calls }: Extract<Step, { do: "call" | "batch" }>): Promise<void> {
    const requests = calls.map((call) => {
      const command = commandOf(
        call.wish,
        () => `r${this.#ids++}`,
        (id) => this.#oracle.claims.get(id)?.quantity ?? 1,
      );
      return requestOf(call, command);
    });
    const verdicts = this.#oracle.judgeAll(requests, this.#now);
    expect((await this.#sale.execute(JSON.parse(JSON.stringify(requests)))).outcomes.map(verdictOf)).toEqual(verdicts);
  }

  async #compare(): Promise<void> {
    this.#oracle.look(this.#now);
    const { stock, held, sold, phase } = await this.#sale.look();
    const { stock: foretold, held: heldToo, sold: soldToo, phase: phaseToo } = this.#oracle;
    expect({ stock, held, sold, phase }).toEqual({ stock: foretold, held: heldToo, sold: soldToo, phase: phaseToo });
  }
}

it("[CLK1] [CLK6] an object whose clock is set forward and back judges everything by the clock as it is", async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ stock, steps }) => {
      stopClock(START);
      const sale = new ObjectSale();
      await sale.execute([keyed({ type: "create", sku: sale.name, name: "Shoe", stock, policy: POLICY })]);
      const trial = new Trial(sale, stock);
      for (const step of steps) await trial.follow(step);
      await sale.audit();
    }),
    { numRuns: 40 },
  );
});
