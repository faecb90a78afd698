import type { HoldfastError } from "../failure.ts";
import type { Refusal } from "../refusal.ts";

/** An observable state, as React's `useSyncExternalStore` takes it. */
export interface Store<State> {
  get: () => State;
  subscribe: (listener: () => void) => () => void;
}

/** The state of actions: whether one is pending, and why the last one failed. */
export interface ActionState {
  isBusy: boolean;
  refusal: Refusal | null;
  error: HoldfastError | null;
}

export const IDLE: ActionState = { isBusy: false, refusal: null, error: null };

/** The state of a customer's own data, beside the data. */
export interface OwnState extends ActionState {
  /** Whether the data was read. */
  isKnown: boolean;
}

/** A store that works only while it is observed: the first observer starts it, the last one stops it. */
export abstract class WatchedStore<State extends object> implements Store<State> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  readonly get = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    // Each subscription is separate, even with the same listener.
    const look = () => listener();
    this.#listeners.add(look);
    if (this.#listeners.size === 1) this.start();
    return () => {
      if (this.#listeners.delete(look) && this.#listeners.size === 0) this.stop();
    };
  };

  protected get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  protected abstract start(): void;
  protected abstract stop(): void;

  protected set(change: Partial<State>): void {
    const names = Object.keys(change) as (keyof State)[];
    if (names.every((name) => Object.is(this.#state[name], change[name]))) return;
    this.#state = { ...this.#state, ...change };
    for (const look of [...this.#listeners]) look();
  }
}
