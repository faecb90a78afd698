import { type Check, counted } from "../evidence.ts";
import { checkCartEnds, checkCarts, checkTries, checkWaitlist, checkWholeWatchers } from "./audit-carts.ts";
import { checkLimit, checkOpening, checkRecord, checkTold, checkUnits } from "./audit-stock.ts";
import type { WholeEvidence } from "./evidence.ts";

/** Checks every promise of a whole drop against what was told and what is; a check without offenders is kept. */
export function wholeAudit(evidence: WholeEvidence): Check[] {
  return [
    checkUnits(evidence),
    checkOpening(evidence),
    checkLimit(evidence),
    checkAllowances(evidence),
    checkCarts(evidence),
    checkCartEnds(evidence),
    checkTries(evidence),
    checkWaitlist(evidence),
    checkTold(evidence),
    checkRecord(evidence),
    checkAnswers(evidence),
    checkVerdicts(evidence),
    checkWholeWatchers(evidence),
  ];
}

/** No allowance was lost on the way: whoever has nothing may have a pair. */
function checkAllowances({ lockedOut, probes }: WholeEvidence): Check {
  return { promise: "no allowance leaked", figures: `${counted(probes, "customer")} asked`, offenders: lockedOut };
}

/** What was under way when the service died may be answered with an outage for as long as a cart may take to decide. */
const recoveryMs = 10_000;

/** Every call was answered, however often the service died, and outages were told of only when there was one. */
function checkAnswers({ journal, books, drop }: WholeEvidence): Check {
  const { calls, lost } = journal;
  const aheadMs = drop.clock.now() - Date.now();
  const isExcused = (at: number) =>
    books.outages.some(({ from, to }) => at + aheadMs >= from && at + aheadMs <= to + recoveryMs);
  const failures = [...journal.failures, ...journal.outages.filter(({ at }) => !isExcused(at)).map(({ call }) => call)];
  const figures = `${counted(calls, "answer")}, ${counted(lost, "call")} sent again, service killed ${books.outages.length}×`;
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
