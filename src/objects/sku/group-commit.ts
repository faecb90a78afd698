import { PENDING_COMMANDS_MAX } from "../../domain/bounds.ts";
import { type Outcome, type Request, refused } from "../../domain/command.ts";
import {
  COMMAND_MS_UNKNOWN,
  commandMsAfter,
  isNewClaim,
  isToBeShed,
  shedRetrySeconds,
  TURN_SWEEPS_MAX,
  turnCommandsMax,
} from "../../domain/load.ts";
import type { Deadline } from "../shared/deadline.ts";

interface Entry {
  requests: readonly Request[];
  size: number;
  deadline: Deadline | null;
  resolve(outcomes: Outcome[]): void;
  reject(error: unknown): void;
}

/** The object that requests are grouped for. */
export interface GroupHost {
  transact(requests: readonly Request[]): Outcome[];
  /** Resolves when everything written is on disk. */
  committed(): Promise<void>;
  /** Releases one portion of dead holds; whether more are due. */
  sweep(): boolean;
}

/**
 * Groups concurrent requests. A request to an idle object is decided at once. Requests that arrive while a commit is written to
 * disk share the next transaction, because the commit is what costs. No timer stands between a call and its transaction: timers
 * are armed on the wall clock, and a clock that is set back would stop all sales until it has caught up. Each caller gets its own
 * outcomes, and a request that breaks the transaction fails alone. Of what waits, new claims come last, and are shed when they
 * would wait too long.
 */
export class GroupCommit {
  readonly #host: GroupHost;
  /** What goes first, and new claims. */
  readonly #lines: [Entry[], Entry[]] = [[], []];
  #pendingCommands = 0;
  #running = false;
  /** What one command takes, with all that the thread does meanwhile. */
  #commandMs = COMMAND_MS_UNKNOWN;
  /** Commands that were shed and have not had the time of their turn yet: they come again, and whoever comes later waits for them. */
  #shedCommands = 0;

  constructor(host: GroupHost) {
    this.#host = host;
  }

  /**
   * The outcomes of these requests, in order. `overloaded` for all of them if too many wait, if they are new claims that would
   * wait too long, or if they could not begin by their deadline: then they do not begin any more.
   */
  submit(requests: readonly Request[], deadline: Deadline | null = null): Promise<Outcome[]> {
    const size = countCommands(requests);
    const isNew = requests.every(isNewClaim);
    const isFull = this.#pendingCommands + size > PENDING_COMMANDS_MAX;
    if (isFull || (isNew && isToBeShed(this.#commandMs, this.#pendingCommands))) {
      return Promise.resolve(this.#shed(requests, size));
    }
    return new Promise((resolve, reject) => {
      this.#lines[isNew ? 1 : 0].push({ requests, size, deadline, resolve, reject });
      this.#pendingCommands += size;
      void this.#run();
    });
  }

  /** Counts commands that were shed before they came here. */
  shedAhead(commands: number): void {
    if (this.#running) this.#shedCommands += commands;
  }

  #shed(requests: readonly Request[], size: number): Outcome[] {
    this.#shedCommands += size;
    const ahead = this.#pendingCommands + this.#shedCommands;
    return overloaded(requests, shedRetrySeconds(this.#commandMs, ahead, Math.random()));
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#isWaiting) {
      const since = Date.now();
      const commands = this.#drain();
      // If the disk fails, the object is reset together with its callers.
      await this.#host.committed().catch(() => {});
      if (this.#isWaiting) this.#sweep();
      this.#commandMs = commandMsAfter(this.#commandMs, commands, Date.now() - since);
      this.#shedCommands = Math.max(0, this.#shedCommands - commands);
    }
    this.#shedCommands = 0;
    this.#running = false;
  }

  get #isWaiting(): boolean {
    return this.#lines.some((line) => line.length > 0);
  }

  /** What is due does not wait for the alarm, which has to wait behind calls. */
  #sweep(): void {
    try {
      for (let sweeps = 0; sweeps < TURN_SWEEPS_MAX && this.#host.sweep(); sweeps++);
    } catch {
      // The alarm meets the same error, logs it and tries again.
    }
  }

  /** Decides what is next, and returns how many commands that were. */
  #drain(): number {
    const taken = this.#takeGroup();
    const size = taken.reduce((sum, entry) => sum + entry.size, 0);
    const group = taken.filter((entry) => {
      const isLate = entry.deadline?.isOver === true;
      if (isLate) entry.resolve(overloaded(entry.requests, 1));
      return !isLate;
    });
    if (group.length > 0) this.#transact(group);
    return size;
  }

  #transact(group: readonly Entry[]): void {
    try {
      const outcomes = this.#host.transact(group.flatMap(({ requests }) => requests));
      let from = 0;
      for (const { requests, resolve } of group) {
        resolve(outcomes.slice(from, from + requests.length));
        from += requests.length;
      }
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const entry of group) this.#transact([entry]);
    }
  }

  /** As many as one turn takes, one entry at least. */
  #takeGroup(): Entry[] {
    const sizeMax = turnCommandsMax(this.#commandMs);
    const group: Entry[] = [];
    let size = 0;
    for (const line of this.#lines) {
      let count = 0;
      for (const entry of line) {
        if (group.length + count > 0 && size + entry.size > sizeMax) break;
        size += entry.size;
        count += 1;
      }
      group.push(...line.splice(0, count));
    }
    this.#pendingCommands -= size;
    return group;
  }
}

function overloaded(requests: readonly Request[], retryAfterSeconds: number): Outcome[] {
  return requests.map(() => refused({ code: "overloaded", retryAfterSeconds }));
}

function countCommands(requests: readonly Request[]): number {
  return requests.reduce((sum, { command }) => sum + (command.type === "batch" ? command.requests.length : 1), 0);
}
