import {
  LINE_CALL_PACE_MS,
  LINE_COMMANDS_PER_CALL_MAX,
  LINE_COMMANDS_WAITING_MAX,
  OBJECT_CALL_MS,
} from "../../domain/bounds.ts";
import type { Outcome, Request } from "../../domain/command.ts";
import { hasPassed } from "../../domain/elapsed.ts";
import { executeInSku } from "../shared/sku-call.ts";
import type { Timers } from "../shared/timers.ts";

interface Waiting {
  requests: readonly Request[];
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

/** What waits for a call to one SKU. */
interface Lane {
  waiting: Waiting[];
  callsUnderWay: number;
  isScheduled: boolean;
  stopTimer: (() => void) | null;
}

/**
 * The calls of one Cart object to SKUs: what its carts have to say to a SKU at the same moment travels as one call. While
 * one is under way the rest gathers for the next, for a moment only: a call that takes long holds up no other cart.
 */
export class LineCalls {
  readonly #env: Env;
  readonly #timers: Timers;
  readonly #lanes = new Map<string, Lane>();

  constructor(env: Env, timers: Timers) {
    this.#env = env;
    this.#timers = timers;
  }

  /** Has a SKU execute requests of one cart, in one transaction. Rejects when nobody knows whether it did. */
  execute(sku: string, requests: readonly Request[]): Promise<Outcome[]> {
    const lane = this.#laneOf(sku);
    if (lane.waiting.length >= LINE_COMMANDS_WAITING_MAX)
      return Promise.reject(new Error("too many lines wait for it"));
    const { promise, resolve, reject } = Promise.withResolvers<Outcome[]>();
    lane.waiting.push({ requests, resolve, reject });
    this.#schedule(sku, lane);
    return promise;
  }

  /** The same in a call of its own, for what may have to wait for other objects. */
  executeAlone(sku: string, requests: readonly Request[]): Promise<Outcome[]> {
    return executeInSku(this.#env, sku, [...requests]);
  }

  #laneOf(sku: string): Lane {
    const known = this.#lanes.get(sku);
    if (known !== undefined) return known;
    const lane = { waiting: [], callsUnderWay: 0, isScheduled: false, stopTimer: null };
    this.#lanes.set(sku, lane);
    return lane;
  }

  #schedule(sku: string, lane: Lane): void {
    if (lane.isScheduled) return;
    lane.isScheduled = true;
    const flush = () => this.#flush(sku, lane);
    // Carts that go on in the same turn go together.
    if (lane.callsUnderWay === 0) queueMicrotask(flush);
    else lane.stopTimer = this.#timers.start(flush, LINE_CALL_PACE_MS);
  }

  #flush(sku: string, lane: Lane): void {
    lane.stopTimer?.();
    lane.stopTimer = null;
    lane.isScheduled = false;
    const group = nextGroup(lane.waiting);
    if (group.length > 0) void this.#send(sku, lane, group);
    if (lane.waiting.length > 0) this.#schedule(sku, lane);
  }

  async #send(sku: string, lane: Lane, group: readonly Waiting[]): Promise<void> {
    const since = Date.now();
    lane.callsUnderWay += 1;
    try {
      const outcomes = await this.executeAlone(
        sku,
        group.flatMap(({ requests }) => requests),
      );
      let from = 0;
      for (const { requests, resolve } of group) {
        resolve(outcomes.slice(from, from + requests.length));
        from += requests.length;
      }
    } catch (error) {
      // What fails at once may fail for one of them only: nobody else is to come again because of it.
      const isForOne = group.length > 1 && !hasPassed(since, OBJECT_CALL_MS / 2, Date.now());
      for (const { requests, resolve, reject } of group) {
        if (isForOne) this.executeAlone(sku, requests).then(resolve, reject);
        else reject(error);
      }
    }
    lane.callsUnderWay -= 1;
    if (lane.waiting.length > 0) this.#flush(sku, lane);
    else if (lane.callsUnderWay === 0) this.#lanes.delete(sku);
  }
}

/** As many as fit into one call, the first in front; one whole cart at least. */
function nextGroup(waiting: Waiting[]): Waiting[] {
  let commands = 0;
  let count = 0;
  for (const { requests } of waiting) {
    commands += requests.length;
    if (count > 0 && commands > LINE_COMMANDS_PER_CALL_MAX) break;
    count += 1;
  }
  return waiting.splice(0, count);
}
