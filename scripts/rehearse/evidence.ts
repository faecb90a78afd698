import type { Books } from "./books.ts";
import type { Drop } from "./drop.ts";
import type { News } from "./events/evidence.ts";
import type { Journal } from "./journal.ts";
import type { ServiceRecord } from "./record.ts";
import type { Replay } from "./replay.ts";
import type { Watcher } from "./watcher.ts";

/** Everything an audit may look at: what callers were told, and what the service says when all is over. */
export type Evidence = {
  drop: Drop;
  journal: Journal;
  books: Books;
  record: ServiceRecord;
  replay: Replay;
  watchers: readonly Watcher[];
  news: News;
};

/** One promise, the figures it was checked on, and what broke it; `isChecked` is false where the service did not let it be. */
export type Check = { promise: string; figures: string; offenders: string[]; isChecked?: false };

const numbers = new Intl.NumberFormat("en-US");

/** A count as people read it. */
export function readable(count: number): string {
  return numbers.format(count);
}

/** "1 unit", "2 units". */
export function counted(count: number, noun: string): string {
  return `${readable(count)} ${noun}${count === 1 ? "" : "s"}`;
}
