import { checkKeys } from "../audit-callers.ts";
import { checkRefunds, checkSuperseded, type RefundTerms } from "../audit-refunds.ts";
import { auditNews } from "../events/audit.ts";
import { type Check, counted, readable } from "../evidence.ts";
import { checkCartEnds, checkCarts, checkTries } from "./audit-carts.ts";
import { checkAllowances, checkLimit } from "./audit-limit.ts";
import {
  checkAllSold,
  checkLapses,
  checkNothingElse,
  checkOpening,
  checkRecord,
  checkRefusals,
  checkTold,
  checkUnits,
} from "./audit-stock.ts";
import { checkEntries, checkWaitlist } from "./audit-waitlist.ts";
import { checkOwnFrames, checkWholeWatchers } from "./audit-watchers.ts";
import { limit } from "./drop.ts";
import { offendersIn, type WholeEvidence } from "./evidence.ts";

/** What was under way when the service died may be answered with an outage for as long as a cart may take to decide. */
const recoveryMs = 10_000;
const decisionMs = 5000;

/** Checks every promise of a whole drop against what was told and what is; a check without offenders is kept. */
export function wholeAudit(evidence: WholeEvidence): Check[] {
  const feeds = new Map([...evidence.news.skus].map(([sku, { feed }]) => [sku, feed]));
  return [
    checkUnits(evidence),
    checkAllSold(evidence),
    checkOpening(evidence),
    checkLimit(evidence),
    checkAllowances(evidence),
    checkCarts(evidence),
    checkCartEnds(evidence),
    checkTries(evidence),
    checkWaitlist(evidence),
    checkEntries(evidence),
    checkRefusals(evidence),
    checkRefunds(feeds, refundTerms(evidence)),
    checkSuperseded(feeds),
    checkLapses(evidence),
    checkTold(evidence),
    checkNothingElse(evidence),
    checkAllKeys(evidence),
    checkRecord(evidence),
    checkAnswers(evidence),
    checkVerdicts(evidence),
    checkWholeWatchers(evidence),
    checkOwnFrames(evidence),
    ...auditNews(evidence.news),
  ];
}

/** What crosses SKUs is decided in several transactions, and a limit hears of a sale or a return a moment later. */
function refundTerms({ drop, books }: WholeEvidence): RefundTerms {
  const decidedWithinMs = (at: number) => decisionMs + books.awayMs(at - recoveryMs, at);
  return { limit: null, drop: { limit, skus: drop.sizes }, decidedWithinMs };
}

/** However often a key was used, it made one change. */
function checkAllKeys(evidence: WholeEvidence): Check {
  const { books, journal, drop } = evidence;
  const offenders = offendersIn(evidence, (sku, replay) => checkKeys({ books: books.of(sku), replay, journal }));
  const keys = [...drop.stock.keys()].flatMap((sku) => [...books.of(sku).keys.values()]);
  const carts = books.cartsByKey.size;
  const figures = `${readable(keys.length)} of reservations, ${readable(carts)} of carts`;
  return { promise: "a retried key has one effect", figures, offenders };
}

/** Every call was answered, however often the service died, and outages were told of only when there was one. */
function checkAnswers({ journal, books, drop }: WholeEvidence): Check {
  const { calls, lost } = journal;
  const aheadMs = drop.clock.now() - Date.now();
  const isExcused = (at: number) =>
    books.outages.some(({ from, to }) => at + aheadMs >= from && at + aheadMs <= to + recoveryMs);
  const failures = [...journal.failures, ...journal.outages.filter(({ at }) => !isExcused(at)).map(({ call }) => call)];
  const figures = `${counted(calls, "answer")}, ${counted(lost, "call")} sent again, ${readable(books.givenUp)} given up, killed ${books.outages.length}×`;
  return { promise: "every call answered", figures, offenders: failures };
}

/** Every answer was one that the rules allow. */
function checkVerdicts({ journal }: WholeEvidence): Check {
  return {
    promise: "every answer was right",
    figures: `${counted(journal.calls, "answer")} judged`,
    offenders: journal.surprises,
  };
}
