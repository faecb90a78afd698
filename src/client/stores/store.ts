import type { HoldfastError } from "../failure.ts";
import type { Refusal } from "../refusal.ts";

/** Something to look at, and to be told when it changes; what React's `useSyncExternalStore` takes. */
export interface Store<State> {
  get: () => State;
  subscribe: (listener: () => void) => () => void;
}

/** What is shown of calls that somebody made: that one is under way, and why the last one came to nothing. */
export interface ActionState {
  isBusy: boolean;
  refusal: Refusal | null;
  error: HoldfastError | null;
}

export const IDLE: ActionState = { isBusy: false, refusal: null, error: null };

/** What is shown of what is a customer's own, beside what it is. */
export interface OwnState extends ActionState {
  /** Whether it is known by now what there is. */
  isKnown: boolean;
}

/** A store that works only while somebody looks: the first one starts it, the last one stops it. */
export abstract class WatchedStore<State extends object> implements Store<State> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  readonly get = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    // Each look is one of its own, also where two have the same listener.
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
