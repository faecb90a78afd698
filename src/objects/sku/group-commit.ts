import { GROUP_COMMANDS_MAX, PENDING_COMMANDS_MAX } from "../../domain/bounds.ts";
import { type Outcome, type Request, refused } from "../../domain/command.ts";
import type { Deadline } from "../shared/deadline.ts";

interface Entry {
  requests: readonly Request[];
  size: number;
  deadline: Deadline | null;
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

/**
 * Groups concurrent requests. A request to an idle object is decided at once. Requests that arrive while a commit is written to
 * disk share the next transaction, because the commit is what costs. There is no timer: the runtime arms timers on the wall
 * clock, and a clock set back would stop all sales until it has caught up. Each caller gets its own outcomes, and a request
 * that breaks the transaction fails alone.
 */
export class GroupCommit {
  readonly #transact: (requests: readonly Request[]) => Outcome[];
  readonly #committed: () => Promise<void>;
  #entries: Entry[] = [];
  #pendingCommands = 0;
  #running = false;

  /** `committed` resolves when everything written is on disk. */
  constructor(transact: (requests: readonly Request[]) => Outcome[], committed: () => Promise<void>) {
    this.#transact = transact;
    this.#committed = committed;
  }

  /**
   * The outcomes of these requests, in order. `overloaded` for all of them if too many wait, or if they could not begin by
   * their deadline: then they do not begin any more.
   */
  submit(requests: readonly Request[], deadline: Deadline | null = null): Promise<Outcome[]> {
    const size = countCommands(requests);
    if (this.#pendingCommands + size > PENDING_COMMANDS_MAX) return Promise.resolve(overloaded(requests));
    return new Promise((resolve, reject) => {
      this.#entries.push({ requests, size, deadline, resolve, reject });
      this.#pendingCommands += size;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#entries.length > 0) {
      this.#drain();
      // If the disk fails, the object is reset together with its callers.
      await this.#committed().catch(() => {});
    }
    this.#running = false;
  }

  #drain(): void {
    const group = this.#takeGroup().filter((entry) => {
      const isLate = entry.deadline?.isOver === true;
      if (isLate) entry.resolve(overloaded(entry.requests));
      return !isLate;
    });
    if (group.length === 0) return;
    try {
      const outcomes = this.#transact(group.flatMap(({ requests }) => requests));
      let from = 0;
      for (const { requests, resolve } of group) {
        resolve(outcomes.slice(from, from + requests.length));
        from += requests.length;
      }
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const entry of group) this.#transactAlone(entry);
    }
  }

  #transactAlone({ requests, resolve, reject }: Entry): void {
    try {
      resolve(this.#transact(requests));
    } catch (error) {
      reject(error);
    }
  }

  #takeGroup(): Entry[] {
    let size = 0;
    let count = 0;
    for (const entry of this.#entries) {
      if (count > 0 && size + entry.size > GROUP_COMMANDS_MAX) break;
      size += entry.size;
      count += 1;
    }
    this.#pendingCommands -= size;
    return this.#entries.splice(0, count);
  }
}

function overloaded(requests: readonly Request[]): Outcome[] {
  return requests.map(() => refused({ code: "overloaded" }));
}

function countCommands(requests: readonly Request[]): number {
  return requests.reduce((sum, { command }) => sum + (command.type === "batch" ? command.requests.length : 1), 0);
}
