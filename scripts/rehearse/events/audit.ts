import type { Check } from "../evidence.ts";
import { checkCounts, checkRefusals } from "./audit-analytics.ts";
import { checkFeeds, checkLog, checkMovements } from "./audit-log.ts";
import { checkArrivals, checkContent, checkDeliveries, checkForm, checkOrder } from "./audit-receiver.ts";
import type { News } from "./evidence.ts";

/** Checks every promise about what leaves the service; those about a receiver only where there could be one. */
export function auditNews(news: News): Check[] {
  return [
    checkLog(news),
    checkFeeds(news),
    checkMovements(news),
    ...[checkArrivals, checkContent, checkOrder, checkForm, checkDeliveries].map((check) => ifFollowed(news, check)),
    checkCounts(news),
    checkRefusals(news),
  ];
}

function ifFollowed(news: News, check: (news: News) => Check): Check {
  const { webhook, whyNot } = news.following;
  const checked = check(news);
  return webhook === null
    ? { ...checked, figures: `not checked: ${whyNot}`, offenders: [], isChecked: false }
    : checked;
}
