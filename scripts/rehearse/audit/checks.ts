import { checkCounts, checkRefusalCounts } from "./analytics.ts";
import { checkAnswered, checkKeys, checkVerdicts } from "./callers.ts";
import { checkEventMovements, checkFeeds, checkLog } from "./event-log.ts";
import type { Check, Evidence } from "./evidence.ts";
import { checkArrivals, checkContent, checkDeliveries, checkForm, checkOrder } from "./receiver.ts";
import { checkAcknowledged, checkD1, checkMovements, checkNothingElse } from "./record.ts";
import { checkRefunds, checkSuperseded } from "./refunds.ts";
import { checkExpiry, checkOpening, checkRefusals, checkSold, checkStock } from "./stock.ts";
import { checkOwnFrames, checkWatchers } from "./watchers.ts";

type CheckOf = (evidence: Evidence) => Check;

/** What every sale promises, whatever is sold and how. */
export const saleChecks: readonly CheckOf[] = [
  checkStock,
  checkSold,
  checkOpening,
  checkRefusals,
  checkRefunds,
  checkSuperseded,
  checkExpiry,
  checkAcknowledged,
  checkNothingElse,
  checkKeys,
  checkD1,
  checkMovements,
  checkAnswered,
  checkVerdicts,
  checkWatchers,
  checkOwnFrames,
];

/** What is promised of all that leaves the service; of a receiver only where there could be one. */
export const eventChecks: readonly CheckOf[] = [
  checkLog,
  checkFeeds,
  checkEventMovements,
  ...[checkArrivals, checkContent, checkOrder, checkForm, checkDeliveries].map(ifFollowed),
  checkCounts,
  checkRefusalCounts,
];

function ifFollowed(check: CheckOf): CheckOf {
  return (evidence) => {
    const { webhook, whyNot } = evidence.events.following;
    const checked = check(evidence);
    return webhook === null
      ? { ...checked, figures: `not checked: ${whyNot}`, offenders: [], isChecked: false }
      : checked;
  };
}
