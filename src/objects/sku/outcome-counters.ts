import { type Command, type Outcome, type Refusal, type Request, refused } from "../../domain/command.ts";
import type { OutcomeCount } from "../rpc.ts";

/** Counts outcomes in memory: metrics, not truth. Refused reserves are also passed on. */
export class OutcomeCounters {
  readonly #counts = new Map<string, OutcomeCount>();
  readonly #onRefusedReserve: (refusal: Refusal, count: number) => void;

  constructor(onRefusedReserve: (refusal: Refusal, count: number) => void) {
    this.#onRefusedReserve = onRefusedReserve;
  }

  /** Counts the outcomes of these requests, and those of the parts of a batch. */
  add(requests: readonly Request[], outcomes: readonly Outcome[]): void {
    outcomes.forEach((outcome, index) => {
      const command = requests[index]?.command;
      if (command === undefined) return;
      // A try is counted when it is settled, as the command that made it.
      if (outcome.ok && outcome.type === "try") return;
      if (command.type === "settle") {
        this.#add(command.of, outcome);
      } else if (command.type === "batch" && outcome.ok && outcome.type === "batch") {
        this.add(command.requests, outcome.outcomes);
      } else {
        this.#add(command.type, outcome);
      }
    });
  }

  /** Counts reserves that were refused elsewhere. */
  addRefused(refusal: Refusal, count: number): void {
    this.#add("reserve", refused(refusal), count);
  }

  counts(): OutcomeCount[] {
    return [...this.#counts.values()];
  }

  #add(command: Command["type"], result: Outcome, by = 1): void {
    if (command === "reserve" && !result.ok) this.#onRefusedReserve(result.refusal, by);
    const outcome = result.ok ? "ok" : result.refusal.code;
    const name = `${command} ${outcome}`;
    const known = this.#counts.get(name);
    if (known) known.count += by;
    else this.#counts.set(name, { command, outcome, count: by });
  }
}
