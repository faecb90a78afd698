import { dropView } from "../../../../src/contracts/drop.ts";
import { type Api, must } from "../../crowd/api.ts";
import { isLimited, type Sale } from "../../crowd/sale.ts";
import { ServerClock } from "../../crowd/server-clock.ts";
import type { Shopper } from "../../crowd/shopper.ts";
import { createSku, newName } from "../scenario.ts";

const sizes = 8;
const perCustomerLimit = 1;
/** Accessories for everybody, so that it is the sizes that carts fail for, until near the end they run short too. */
const accessoriesPerSize = 5;

/** Short enough that holds and offers lapse while everybody watches. */
const policy = {
  holdTtlSeconds: 5,
  maxHoldSeconds: 12,
  offerTtlSeconds: 3,
  warnSeconds: 1,
  lateConfirmSeconds: 3600,
  reholdSeconds: 1,
  perCustomerLimit: null,
};

/** A shoe in several sizes, one pair to a customer, and something to go with it that is on sale before. */
export async function announce(api: Api, token: string, units: number, leadMs: number): Promise<Sale> {
  const name = newName();
  const limited = Array.from({ length: sizes }, (_none, index) => `${name}-${38 + index}`);
  const accessory = `${name}-laces`;
  const stock = new Map(limited.map((sku) => [sku, units])).set(accessory, units * accessoriesPerSize);
  const first = await createSku(api, token, accessory, units * accessoriesPerSize, policy);
  const clock = new ServerClock(first.sentAt, first.answeredAt, Date.parse(first.body.updatedAt));
  for (const sku of limited) await createSku(api, token, sku, units, policy);
  const opensAt = Math.ceil(clock.now() + leadMs);
  const at = new Date(opensAt).toISOString();
  const body = { drop: name, name: "Rehearsal", skus: limited, opensAt: at, perCustomerLimit };
  must(await api.call({ kind: null, method: "POST", path: "/v1/drops", token, body, answer: dropView }));
  const limit = { scope: "drop", units: perCustomerLimit } as const;
  return {
    name,
    stock,
    limited,
    limit,
    policy: { ...first.body.policy, ...policy },
    opensAt,
    clock,
  };
}

/** The SKU that goes with every size. */
export function accessoryOf({ world: { sale } }: Shopper): string {
  return [...sale.stock.keys()].find((sku) => !isLimited(sale, sku)) ?? "";
}
