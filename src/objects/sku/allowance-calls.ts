import type { Claim, Grant } from "../../domain/allowance.ts";
import { CLAIMS_PER_CALL_MAX, CLAIMS_WAITING_MAX, OBJECT_CALL_MS } from "../../domain/bounds.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { withTimeout } from "../shared/timeout.ts";

interface Waiting {
  claim: Claim;
  since: number;
  resolve(grant: Grant): void;
  reject(error: Error): void;
}

/** Claims that wait for one Allowance object. */
interface Line {
  waiting: Waiting[];
  isCalling: boolean;
}

/**
 * The calls of one SKU to the Allowance objects of its drop: at most one to each is in flight, and claims that arrive meanwhile
 * go with the next.
 */
export class AllowanceCalls {
  readonly #env: Env;
  readonly #alarm: Pick<AlarmClock, "timers" | "logger">;
  readonly #lines = new Map<string, Line>();

  constructor(env: Env, alarm: Pick<AlarmClock, "timers" | "logger">) {
    this.#env = env;
    this.#alarm = alarm;
  }

  /** Whether the limit that this object counts has room for a claim. Rejects if that cannot be determined. */
  async claim(name: string, claim: Claim): Promise<Grant> {
    const line = this.#lines.get(name) ?? { waiting: [], isCalling: false };
    if (line.waiting.length >= CLAIMS_WAITING_MAX) throw new Error("too many claims wait for the drop's limit");
    this.#lines.set(name, line);
    const { promise, resolve, reject } = Promise.withResolvers<Grant>();
    line.waiting.push({ claim, since: this.#alarm.timers.now(), resolve, reject });
    if (!line.isCalling) {
      line.isCalling = true;
      // Tries of one transaction are submitted in the same turn: they share a call.
      queueMicrotask(() => void this.#call(name, line));
    }
    return promise;
  }

  async #call(name: string, line: Line): Promise<void> {
    while (line.waiting.length > 0) {
      const group = this.#nextGroup(line);
      if (group.length === 0) continue;
      try {
        const claiming = this.#env.ALLOWANCE.getByName(name).claim(group.map(({ claim }) => claim));
        const answer = await withTimeout(claiming, OBJECT_CALL_MS, "an Allowance object", this.#alarm.timers);
        const grants = answer as (Grant | null)[];
        for (const [index, { resolve, reject }] of group.entries()) {
          const grant = grants[index] ?? null;
          if (grant !== null) resolve(grant);
          else reject(new Error("the SKUs that a drop's limit counts could not be asked"));
        }
      } catch (error) {
        this.#alarm.logger.log("drop_limit_unavailable", { allowance: name, claims: group.length, error });
        this.#fail(group, error);
      }
    }
    line.isCalling = false;
    this.#lines.delete(name);
  }

  /** The claims of the next call. Claims whose callers have given up are not sent. */
  #nextGroup({ waiting }: Line): Waiting[] {
    const group = waiting.splice(0, CLAIMS_PER_CALL_MAX);
    const tooLate = this.#alarm.timers.now() - OBJECT_CALL_MS;
    const late = group.filter(({ since }) => since < tooLate);
    if (late.length > 0) this.#fail(late, new Error("the drop's limit did not answer in time"));
    return late.length === 0 ? group : group.filter(({ since }) => since >= tooLate);
  }

  #fail(group: readonly Waiting[], error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    for (const { reject } of group) reject(cause);
  }
}
