import { checkAnswered, checkKeys, checkVerdicts, checkWatchers } from "./audit-callers.ts";
import { checkAcknowledged, checkD1, checkMovements, checkNothingElse } from "./audit-record.ts";
import { checkRefunds, checkSuperseded } from "./audit-refunds.ts";
import { checkExpiry, checkFairness, checkLimit, checkOpening, checkSold, checkStock } from "./audit-sale.ts";
import { auditNews } from "./events/audit.ts";
import type { Check, Evidence } from "./evidence.ts";

/** Checks every promise of a drop against what was told and what is; a check without offenders is kept. */
export function audit(evidence: Evidence): Check[] {
  const { drop, news } = evidence;
  const feeds = new Map([...news.skus].map(([sku, { feed }]) => [sku, feed]));
  return [
    checkStock(evidence),
    checkSold(evidence),
    checkLimit(evidence),
    checkOpening(evidence),
    checkFairness(evidence),
    checkRefunds(feeds, { limit: drop.terms.perCustomerLimit, drop: null, decidedWithinMs: () => 0 }),
    checkSuperseded(feeds),
    checkExpiry(evidence),
    checkAcknowledged(evidence),
    checkNothingElse(evidence),
    checkKeys(evidence),
    checkD1(evidence),
    checkMovements(evidence),
    checkAnswered(evidence),
    checkVerdicts(evidence),
    checkWatchers(evidence),
    ...auditNews(evidence.news),
  ];
}
