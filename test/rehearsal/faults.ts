import type { Evidence, SkuEvidence } from "../../scripts/rehearse/audit/evidence.ts";
import type { Logged } from "../../scripts/rehearse/events/log.ts";
import { iso, type Story } from "./story.ts";

/** A fault of the service, in what it did or in what is seen of it, and what the audit has to say of it. */
export type Fault = readonly [promise: string, says: string, fault: Done | Seen];
type Done = { done: (story: Story) => unknown };
type Seen = { seen: (evidence: Evidence) => unknown };

export function done(what: Done["done"]): Done {
  return { done: what };
}

export function seen(what: Seen["seen"]): Seen {
  return { seen: what };
}

/** Something about one SKU is seen otherwise. */
export function seenIn(sku: string, what: (one: SkuEvidence) => unknown): Seen {
  return { seen: ({ skus }) => what(find([...skus.entries()], ([name]) => name === sku)[1]) };
}

export function first<Item>(items: Iterable<Item>): Item {
  return find([...items], () => true);
}

export function find<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): Item {
  const item = items.find(isMeant);
  if (item === undefined) throw new Error("there is no such thing in the story");
  return item;
}

export function add<Name extends string>(to: Record<Name, number>, name: Name, count: number): void {
  to[name] += count;
}

/** What has a time happens earlier or later. */
export function move(event: { time: string }, byMs: number): void {
  event.time = iso(Date.parse(event.time) + byMs);
}

export function ofType<Event extends { type: string }>(events: readonly Event[], type: Logged["type"]): Event {
  return find(events, (event) => event.type === type);
}
