import { type Check, counted, type Evidence, offendersIn, readable, type SkuEvidence, sumOf } from "./evidence.ts";

/** What was under way when the service died may be answered with an outage for so long after it is back. */
const recoveryMs = 10_000;

/** Every call was answered, in the promised form, and with an outage only when there was one. */
export function checkAnswered({ journal, books, sale }: Evidence): Check {
  const { calls, lost } = journal;
  const aheadMs = sale.clock.now() - Date.now();
  const isExcused = (at: number) =>
    books.outages.some(({ from, to }) => at + aheadMs >= from && at + aheadMs <= to + recoveryMs);
  const outages = journal.outages.filter(({ at }) => !isExcused(at)).map(({ call }) => call);
  const offenders = [...journal.failures, ...outages];
  const figures = [
    counted(calls, "answer"),
    `${offenders.length === 0 ? "no" : readable(offenders.length)} failures`,
    ...(lost === 0 ? [] : [`${readable(lost)} lost on the way and sent again`]),
    ...(books.givenUp === 0 ? [] : [`${readable(books.givenUp)} given up`]),
    ...(books.outages.length === 0 ? [] : [`killed ${books.outages.length}×`]),
  ];
  return { promise: "every call answered", figures: figures.join(", "), offenders };
}

/** Every answer was one of those that were right when the call was made. */
export function checkVerdicts({ journal }: Evidence): Check {
  let refusals = 0;
  for (const [label, samples] of journal.latencies) if (label.endsWith(", refused")) refusals += samples.length;
  const figures = `${counted(journal.calls, "answer")} judged, ${readable(refusals)} of them refusals`;
  return { promise: "every answer was right", figures, offenders: journal.surprises };
}

/** However often a key was used, it made one change. */
export function checkKeys(evidence: Evidence): Check {
  const { journal, books } = evidence;
  const wasLost = journal.lost + journal.failures.length + journal.outages.length > 0;
  const offenders = offendersIn(evidence, (one) => [...twiceDone(one, wasLost), ...twiceHeld(one)]);
  const keys = sumOf(evidence, (one) => one.books.keys.size);
  const calls = sumOf(evidence, (one) => [...one.books.keys.values()].reduce((sum, use) => sum + use.calls, 0));
  const carts = books.cartsByKey.size;
  for (const [key, ids] of books.cartsByKey) if (ids.size > 1) offenders.push(`${key} made ${ids.size} carts`);
  const figures = `${counted(keys, "key")} used ${readable(calls)} times${carts > 0 ? `, ${readable(carts)} of carts` : ""}`;
  return { promise: "a retried key has one effect", figures, offenders };
}

/** Keys whose calls were answered with more than one change. */
function twiceDone({ books }: SkuEvidence, wasLost: boolean): string[] {
  return [...books.keys].flatMap(([key, { versions, replays }]) => {
    const firstHand = versions.length - replays;
    // The first answer may have been lost on the way; then all others are replays.
    const isRight = versions.length === 0 || firstHand === 1 || (firstHand === 0 && wasLost);
    return [
      ...(new Set(versions).size > 1 ? [`${key} was answered with versions ${versions.join(", ")}`] : []),
      ...(isRight ? [] : [`${key} took effect ${firstHand} times`]),
    ];
  });
}

/** Keys that made more than one reservation, or one though they were refused. */
function twiceHeld({ books, replay }: SkuEvidence): string[] {
  return [...replay.heldByKey].flatMap(([key, made]) => [
    ...(made.size > 1 ? [`${key} made ${made.size} reservations`] : []),
    ...(books.keys.get(key)?.versions.length ? [] : [`${key} was refused and reserved nevertheless`]),
  ]);
}
