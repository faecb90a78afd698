import { trustedSku } from "../../../../src/contracts/sku.ts";
import { checkAccounts } from "../../audit/accounts.ts";
import { eventChecks, saleChecks } from "../../audit/checks.ts";
import { checkSkuLimit } from "../../audit/sku-limit.ts";
import { type Api, must } from "../../crowd/api.ts";
import { reserve } from "../../crowd/reservation-calls.ts";
import type { Sale } from "../../crowd/sale.ts";
import { ServerClock } from "../../crowd/server-clock.ts";
import { createSku, newName, type Scenario } from "../scenario.ts";
import { plans } from "./plans.ts";

const farFuture = "2100-01-01T00:00:00.000Z";
const perCustomerLimit = 2;

/** Short enough that holds lapse while everybody watches, with room to extend, to pay late and to want too much. */
const policy = {
  holdTtlSeconds: 4,
  maxHoldSeconds: 10,
  warnSeconds: 1,
  lateConfirmSeconds: 3600,
  reholdSeconds: 1,
  perCustomerLimit,
  maxPerReservation: 3,
  lowStockThreshold: 5,
};
const watchingMax = 60;
const watchingShare = 0.05;

/** One SKU with a limit of its own. */
export const sku: Scenario = {
  usual: { shoppers: 2000, stock: 200 },
  callsAtOnceMax: 128,
  announce,
  crowd: {
    plans,
    earlyShare: 0.1,
    comeEarly: async (shopper) => void (await reserve(shopper, shopper.pickSku())),
    arrivalMeanMs: 900,
    arrivalMaxMs: 5000,
  },
  feed: { path: ([name]) => `/v1/skus/${name}/live`, mayBeCutOff: false },
  watching: (customers) => Math.min(watchingMax, Math.max(1, Math.ceil(customers * watchingShare))),
  convergeMs: 3000,
  kills: [],
  probe: null,
  checks: [...saleChecks, checkSkuLimit, checkAccounts, ...eventChecks],
};

async function announce(api: Api, token: string, units: number, leadMs: number): Promise<Sale> {
  const name = newName();
  const created = await createSku(api, token, name, units, { ...policy, opensAt: farFuture });
  // Its creation tells the service's clock; only then can an opening on that clock be named.
  const clock = new ServerClock(created.sentAt, created.answeredAt, Date.parse(created.body.updatedAt));
  const opensAt = Math.ceil(clock.now() + leadMs);
  const body = { policy: { opensAt: new Date(opensAt).toISOString() } };
  const path = `/v1/skus/${name}`;
  must(await api.call({ kind: null, method: "PATCH", path, token, body, answer: trustedSku }));
  return {
    name,
    stock: new Map([[name, units]]),
    limited: [name],
    limit: { scope: "sku", units: perCustomerLimit },
    policy: { ...created.body.policy, ...policy },
    opensAt,
    clock,
  };
}
