import type { CallOptions } from "../calls.ts";
import { HoldfastError } from "../failure.ts";
import { newKey } from "../patience.ts";
import type { Refusal, RefusalCode, Result } from "../refusal.ts";
import { type ActionState, IDLE } from "./store.ts";

/**
 * Runs the calls of buttons and shows their results. After an outage the same press repeats the same call with its key: an
 * effect that it had is found, and does not happen twice.
 */
export class PendingAction {
  readonly #show: (state: ActionState) => void;
  #unsettled: { name: string; key: string } | null = null;
  #underWay = 0;

  constructor(show: (state: ActionState) => void) {
    this.#show = show;
  }

  /** Runs a call; `name` identifies it with its content. Outages are shown, and also rejected to callers that await it. */
  run<Value, Code extends RefusalCode>(
    name: string,
    call: (options: CallOptions) => Promise<Result<Value, Code>>,
    took: (value: Value) => void,
  ): Promise<Result<Value, Code>> {
    const made = this.#make(name, call, took);
    // A button's handler does not await: a failure that is shown counts as handled.
    made.catch((error: unknown) => {
      if (!(error instanceof HoldfastError)) throw error;
    });
    return made;
  }

  async #make<Value, Code extends RefusalCode>(
    name: string,
    call: (options: CallOptions) => Promise<Result<Value, Code>>,
    took: (value: Value) => void,
  ): Promise<Result<Value, Code>> {
    const key = this.#unsettled?.name === name ? this.#unsettled.key : newKey();
    this.#underWay += 1;
    this.#show({ ...IDLE, isBusy: true });
    try {
      const result = await call({ idempotencyKey: key });
      this.#unsettled = null;
      if (result.ok) took(result.value);
      this.#end({ refusal: result.ok ? null : (result.refusal as Refusal) });
      return result;
    } catch (error) {
      this.#unsettled = { name, key };
      this.#end({ error: error instanceof HoldfastError ? error : null });
      throw error;
    }
  }

  #end(state: Partial<ActionState>): void {
    this.#underWay -= 1;
    this.#show({ ...IDLE, ...state, isBusy: this.#underWay > 0 });
  }
}
