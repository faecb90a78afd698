import type { News } from "../events/evidence.ts";
import type { Check } from "../evidence.ts";
import type { Journal } from "../journal.ts";
import { type Replay, replayMovements } from "../replay.ts";
import type { WholeBooks } from "./books.ts";
import type { WholeDrop } from "./drop.ts";
import type { Probed } from "./probes.ts";
import type { WholeRecord } from "./record.ts";
import type { WholeWatcher } from "./watcher.ts";

/** Everything an audit of a whole drop may look at. */
export type WholeEvidence = {
  drop: WholeDrop;
  journal: Journal;
  books: WholeBooks;
  record: WholeRecord;
  /** The record of each SKU, played. */
  replays: ReadonlyMap<string, Replay>;
  watchers: readonly WholeWatcher[];
  probed: Probed;
  news: News;
};

/** Plays the record of every SKU. The limit over them is the audit's business. */
export function replaysOf({ skus }: WholeRecord): Map<string, Replay> {
  return new Map(Array.from(skus, ([sku, { movements, rows }]) => [sku, replayMovements(movements, null, rows)]));
}

/** What a check of one SKU finds in all of them. */
export function offendersIn(evidence: WholeEvidence, check: (sku: string, replay: Replay) => Check): string[] {
  return [...evidence.replays].flatMap(([sku, replay]) => check(sku, replay).offenders.map((one) => `${sku}: ${one}`));
}

/** The record of one SKU. */
export function recordOf({ record }: WholeEvidence, sku: string) {
  const found = record.skus.get(sku);
  if (found === undefined) throw new Error(`there is no record of ${sku}`);
  return found;
}
