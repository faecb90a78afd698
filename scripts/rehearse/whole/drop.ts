import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { dropView } from "../../../src/contracts/drop.ts";
import { type policyView, trustedSku } from "../../../src/contracts/sku.ts";
import type { Api } from "../api.ts";
import { must } from "../drop.ts";
import { ServerClock } from "../server-clock.ts";

const sizes = 8;
/** Accessories for everybody, so that it is the sizes that carts fail for, until near the end they run short too. */
const accessoriesPerSize = 5;
export const limit = 1;

/** Short enough that holds and offers lapse while everybody watches. */
export const terms = {
  holdTtlSeconds: 5,
  maxHoldSeconds: 12,
  offerTtlSeconds: 3,
  warnSeconds: 1,
  lateConfirmSeconds: 3600,
  reholdSeconds: 1,
  perCustomerLimit: null,
} satisfies Partial<z.infer<typeof policyView>>;

/** A shoe in several sizes, one pair to a customer, and something to go with it. Times are the service's. */
export type WholeDrop = {
  drop: string;
  sizes: string[];
  accessory: string;
  /** Units of each SKU that were put up for sale. */
  stock: Map<string, number>;
  opensAt: number;
  clock: ServerClock;
};

/** Puts the sizes and the accessory up for sale, and the drop over the sizes, opening `leadMs` from now. */
export async function announceWholeDrop(api: Api, token: string, units: number, leadMs: number): Promise<WholeDrop> {
  const name = `rehearsal-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
  const skus = Array.from({ length: sizes }, (_none, index) => `${name}-${38 + index}`);
  const accessory = `${name}-laces`;
  const stock = new Map(skus.map((sku) => [sku, units])).set(accessory, units * accessoriesPerSize);
  const create = async (sku: string) => {
    const body = { sku, name: sku, stock: stock.get(sku), policy: terms };
    const call = { kind: null, method: "POST", path: "/v1/skus", token, body, answer: trustedSku } as const;
    return must(await api.call(call));
  };
  const first = await create(accessory);
  const clock = new ServerClock(first.sentAt, first.answeredAt, Date.parse(first.body.updatedAt));
  for (const sku of skus) await create(sku);
  const opensAt = Math.ceil(clock.now() + leadMs);
  const body = {
    drop: name,
    name: "Rehearsal",
    skus,
    opensAt: new Date(opensAt).toISOString(),
    perCustomerLimit: limit,
  };
  must(await api.call({ kind: null, method: "POST", path: "/v1/drops", token, body, answer: dropView }));
  return { drop: name, sizes: skus, accessory, stock, opensAt, clock };
}

/** All SKUs of the rehearsal. */
export function skusOf({ sizes, accessory }: WholeDrop): string[] {
  return [...sizes, accessory];
}

/** Whether the drop's limit counts this SKU. */
export function isCounted({ accessory }: WholeDrop, sku: string): boolean {
  return sku !== accessory;
}
