import { HoldfastError } from "../failure.ts";
import type { Refusal } from "../refusal.ts";
import { PendingAction } from "./pending-action.ts";
import { type ActionState, type OwnState, WatchedStore } from "./store.ts";

const NO_FAULT = { refusal: null, error: null };

/**
 * What is a customer's own: it is read by itself and changed by pressing buttons. Why reading failed is shown until it
 * succeeds, and never in the place of why a press failed, which stays until the next press.
 */
export abstract class OwnStore<State extends OwnState> extends WatchedStore<State> {
  protected readonly action = new PendingAction((pending) => this.set(pending as Partial<State>));
  /** Why reading failed, if that is what is shown. */
  #unread: Refusal | HoldfastError | null = null;

  /** It is known what there is. */
  protected known(change: Partial<State> = {}): void {
    const fault = this.#isUnreadShown ? NO_FAULT : {};
    this.#unread = null;
    this.set({ ...change, ...fault, isKnown: true });
  }

  /** It could not be read what there is. Bugs are thrown. */
  protected unread(why: unknown): void {
    if (!(why instanceof HoldfastError)) throw why;
    this.#show(why, { error: why });
  }

  /** The rules do not let it be read. */
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
