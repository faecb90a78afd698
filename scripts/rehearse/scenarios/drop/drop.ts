import { checkCartEnds, checkCarts, checkTries } from "../../audit/carts.ts";
import { eventChecks, saleChecks } from "../../audit/checks.ts";
import { checkAllowances, checkDropLimit } from "../../audit/drop-limit.ts";
import { checkEntries, checkWaitlist } from "../../audit/waitlist.ts";
import { checkOpenings } from "../../audit/watchers.ts";
import { openCart } from "../../crowd/cart-calls.ts";
import { reserve } from "../../crowd/reservation-calls.ts";
import type { Shopper } from "../../crowd/shopper.ts";
import { join } from "../../crowd/waitlist-calls.ts";
import type { Scenario } from "../scenario.ts";
import { plans } from "./plans.ts";
import { probeAllowances } from "./probes.ts";
import { accessoryOf, announce } from "./sale.ts";

const watchingMax = 40;

/** A drop over several SKUs with one limit, carts, a waitlist, and a service that is killed on the way. */
export const drop: Scenario = {
  usual: { shoppers: 600, stock: 20 },
  callsAtOnceMax: 64,
  announce,
  crowd: { plans, earlyShare: 0.12, comeEarly, arrivalMeanMs: 2500, arrivalMaxMs: 9000 },
  feed: { path: (skus) => `/v1/live?${skus.map((sku) => `sku=${sku}`).join("&")}`, mayBeCutOff: true },
  watching: (customers) => Math.min(watchingMax, customers),
  // A Relay asks its SKUs every half minute: whoever missed a push when the service died has the newest by then.
  convergeMs: 35_000,
  // In the rush, and while holds lapse and people wait.
  kills: [
    { fromMs: 1500, toMs: 3500 },
    { fromMs: 6500, toMs: 9500 },
  ],
  probe: probeAllowances,
  checks: [
    ...saleChecks,
    checkDropLimit,
    checkAllowances,
    checkCarts,
    checkCartEnds,
    checkTries,
    checkWaitlist,
    checkEntries,
    checkOpenings,
    ...eventChecks,
  ],
};

async function comeEarly(shopper: Shopper): Promise<void> {
  const kind = shopper.random.next();
  if (kind < 0.6) await reserve(shopper, shopper.pickSku());
  else if (kind < 0.85) await openCart(shopper, [shopper.pickSku(), accessoryOf(shopper)]);
  else await joinEarly(shopper);
}

/** There is no waiting for what is not on sale yet; who comes at the very second finds units. */
async function joinEarly(shopper: Shopper): Promise<void> {
  const { clock, opensAt } = shopper.world.sale;
  const joined = await join(shopper, shopper.pickSku());
  const codes = clock.span(joined).to < opensAt ? ["not-open"] : ["not-open", "stock-available"];
  shopper.expectRefusal("joining before the opening", joined, ...codes);
}
