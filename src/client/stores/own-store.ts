import { HoldfastError } from "../failure.ts";
import type { Refusal } from "../refusal.ts";
import { PendingAction } from "./pending-action.ts";
import { type ActionState, type OwnState, WatchedStore } from "./store.ts";

const NO_FAULT = { refusal: null, error: null };

/**
 * A customer's own data: read in the background and changed by actions. A failed read is shown until one succeeds, and never
 * replaces the failure of an action, which is shown until the next action.
 */
export abstract class OwnStore<State extends OwnState> extends WatchedStore<State> {
  protected readonly action = new PendingAction((pending) => this.set(pending as Partial<State>));
  /** The failed read, if that is what is shown. */
  #unread: Refusal | HoldfastError | null = null;

  /** Shows what was read. */
  protected known(change: Partial<State> = {}): void {
    const fault = this.#isUnreadShown ? NO_FAULT : {};
    this.#unread = null;
    this.set({ ...change, ...fault, isKnown: true });
  }

  /** Shows a failed read. Bugs are thrown. */
  protected unread(why: unknown): void {
    if (!(why instanceof HoldfastError)) throw why;
    this.#show(why, { error: why });
  }

  /** Shows that the rules refuse the read. */
  protected refused(refusal: Refusal): void {
    this.#show(refusal, { refusal });
  }

  #show(why: Refusal | HoldfastError, fault: Partial<ActionState>): void {
    const { refusal, error } = this.get();
    if ((refusal ?? error) !== null && !this.#isUnreadShown) return;
    this.#unread = why;
    this.set({ ...NO_FAULT, ...fault } as Partial<State>);
  }

  get #isUnreadShown(): boolean {
    const { refusal, error } = this.get();
    return this.#unread !== null && (refusal ?? error) === this.#unread;
  }
}
