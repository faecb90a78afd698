import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Request } from "../../src/domain/command.ts";
import { DEFAULT_POLICY } from "../../src/domain/model.ts";
import { MemoryObject } from "./memory-object.ts";
import { Oracle, type Verdict } from "./oracle.ts";
import { verdictOf } from "./oracle-verdict.ts";
import { NO_TURNS, request, START } from "./sale.ts";
import { commandOf, requestOf, type Step, story } from "./steps.ts";
import { checkLimits, checkLives, checkSequence, checkSignals, heldUnits, soldUnits, sum } from "./story-checks.ts";

const POLICY = {
  ...DEFAULT_POLICY,
  ...NO_TURNS,
  holdTtlSeconds: 5,
  maxHoldSeconds: 8,
  lateConfirmSeconds: 6,
  perCustomerLimit: 5,
  maxPerReservation: 3,
  lowStockThreshold: 2,
};

/** An object and the oracle, told the same story. */
class Trial {
  readonly object = new MemoryObject(START, { sweepMax: 2 });
  readonly oracle: Oracle;
  /** Codes of refusals that occurred, and whether anything was replayed or rescued. */
  readonly seen = new Set<string>();
  #ids = 0;

  constructor(stock: number) {
    this.oracle = new Oracle(stock, POLICY);
    this.object.execute([request({ type: "create", sku: "shoe-42", name: "Shoe 42", stock, policy: POLICY })]);
  }

  follow(step: Step): void {
    if (step.do === "wait") this.#step(step.ms);
    else if (step.do === "wake") this.object.wake();
    else this.#execute(this.#requestsOf(step));
    this.#compare();
  }

  /** The clock goes on, or is set back: then what it has done by then is committed, for somebody has looked. */
  #step(ms: number): void {
    if (ms < 0) {
      while (this.object.wake());
      this.#compare();
    }
    this.object.now += ms;
  }

  #requestsOf(step: Extract<Step, { do: "call" | "batch" }>): Request[] {
    const newId = () => `r${this.#ids++}`;
    const sizeOf = (id: string) => this.object.reservations.get(id)?.quantity ?? 1;
    const requests = step.calls.map((call) => requestOf(call, commandOf(call.wish, newId, sizeOf)));
    if (step.do === "call") return requests;
    const content = requests.map((part) => part.content).join();
    return [request({ type: "batch", requests }, { key: step.key === null ? null : `batch/${step.key}`, content })];
  }

  #execute(requests: Request[]): void {
    const verdicts = this.oracle.judgeAll(requests, this.object.now);
    expect(this.object.execute(requests).map(verdictOf)).toEqual(verdicts);
    for (const verdict of verdicts) this.#note(verdict);
    expect(this.object.sku?.phase).toBe(this.oracle.phase);
  }

  #note(verdict: Verdict): void {
    for (const part of verdict.parts ?? []) this.#note(part);
    if ("code" in verdict) this.seen.add(String(verdict.code));
    if (verdict.replayed === true) this.seen.add("replayed");
    if ("rescued" in verdict && verdict.rescued === true) this.seen.add("rescued");
  }

  #compare(): void {
    const { sku, now, reservations } = this.object;
    if (!sku) throw new Error("the SKU is gone");
    const all = [...reservations.values()];
    const sums = { held: sum(all.map(heldUnits)), sold: sum(all.map(soldUnits)) };
    expect({ held: sku.held, sold: sku.sold }).toEqual(sums);
    for (const count of [sku.stock, sku.held, sku.sold, sku.stock - sku.held - sku.sold]) {
      expect(count).toBeGreaterThanOrEqual(0);
    }
    this.oracle.look(now);
    const overdue = sum(all.filter((one) => one.expiresAt <= now).map(heldUnits));
    expect({ ...sums, held: sums.held - overdue, stock: sku.stock }).toEqual({
      held: this.oracle.held,
      sold: this.oracle.sold,
      stock: this.oracle.stock,
    });
    const statuses = all.map(({ id, status, expiresAt }) => [
      id,
      status === "held" && expiresAt <= now ? "expired" : status,
    ]);
    expect(statuses).toEqual([...this.oracle.claims].map(([id, { status }]) => [id, status]));
  }
}

/** Tells a story to the end, comparing after every step. */
function toldAs({ stock, steps }: { stock: number; steps: Step[] }): Trial {
  const trial = new Trial(stock);
  for (const step of steps) trial.follow(step);
  return trial;
}

function told(plot: { stock: number; steps: Step[] }): MemoryObject {
  return toldAs(plot).object;
}

/** All that has to occur in the stories, or they prove less than they seem to. */
const REACHED = [
  ...["sku.created", "sku.updated", "stock.adjusted", "stock.low", "stock.sold_out", "stock.back"],
  ...["sale.opened", "sale.closed", "reservation.held", "reservation.extended", "reservation.confirmed"],
  ...["reservation.released", "reservation.expired", "reservation.returned", "reservation.refund_required"],
  ...["not-found", "invalid-request", "stock-in-use", "paused", "not-open", "closed", "limit-exceeded"],
  ...["insufficient-stock", "hold-expired", "already-released", "already-confirmed", "not-confirmed"],
  ...["nothing-to-return", "extension-limit", "idempotency-key-reused", "replayed", "rescued"],
];

describe("whatever happens, in whatever order", () => {
  const RUNS = { numRuns: 200 };
  /** The runs take a second or two each; a busy machine may need more. */
  const TIMEOUT_MS = 60_000;
  const checks = [
    { rule: "[STK1] [STK2] [STA1] [IDM2] [CLK1] [CLK6] every verdict and count is the one foretold", check: () => {} },
    { rule: "[EVT1] [EVT2] sequences have no gap, and deltas add up to the counts", check: checkSequence },
    { rule: "[SIG5] signals tell the counts as they are", check: checkSignals },
    { rule: "[LIM2] [CNF5] nobody passes the limit by reserving or by a rescue", check: checkLimits },
    { rule: "[STA4] [CNF8] [EVT3] a reservation ends once, and a refund is final", check: checkLives },
  ];

  it.each(checks)("$rule", { timeout: TIMEOUT_MS }, ({ check }) => {
    fc.assert(
      fc.property(story, (plot) => check(told(plot))),
      RUNS,
    );
  });

  it("[EVT4] the stories reach every kind of event and every verdict", { timeout: TIMEOUT_MS }, () => {
    const seen = new Set<string>();
    for (const plot of fc.sample(story, { numRuns: 600, seed: 1 })) {
      const trial = toldAs(plot);
      for (const { type } of trial.object.events) seen.add(type);
      for (const name of trial.seen) seen.add(name);
    }
    expect([...seen].toSorted()).toEqual(REACHED.toSorted());
  });
});
