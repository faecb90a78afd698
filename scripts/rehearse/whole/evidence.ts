import type { Journal } from "../journal.ts";
import type { WholeBooks } from "./books.ts";
import type { WholeDrop } from "./drop.ts";
import type { WholeRecord } from "./record.ts";
import type { WholeWatcher } from "./watcher.ts";

/** Everything an audit of a whole drop may look at. */
export type WholeEvidence = {
  drop: WholeDrop;
  journal: Journal;
  books: WholeBooks;
  record: WholeRecord;
  watchers: readonly WholeWatcher[];
  /** Customers who had nothing any more and could not reserve, with what they were told. */
  lockedOut: string[];
  probes: number;
};
