import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { trustedSku } from "../../../../src/contracts/sku.ts";
import { ABANDONS_PER_HOUR_MAX } from "../../../../src/domain/bounds.ts";
import type { Probed } from "../../audit/evidence.ts";
import { type Api, must, type Tokens } from "../../crowd/api.ts";
import { onReservation, reserve } from "../../crowd/reservation-calls.ts";
import type { Sale } from "../../crowd/sale.ts";
import type { Shopper } from "../../crowd/shopper.ts";
import { readRows } from "../../record/sku-record.ts";

const probesMax = 240;

/** Were an allowance lost on the way, or forgotten, it would show here: whoever has no pair may have one, and nobody else. */
export async function probeAllowances(
  api: Api,
  sale: Sale,
  tokens: Tokens,
  shoppers: readonly Shopper[],
): Promise<Probed> {
  const [size = ""] = sale.limited;
  const probed = shoppers.slice(0, probesMax);
  await letEverybodyAsk(api, tokens, size);
  await addUnits(api, sale, tokens, size, probed.length);
  const owners = await ownersIn(api, sale, tokens);
  const wronged: string[] = [];
  await Promise.all(
    probed.map(async (shopper) => {
      const answer = await reserve(shopper, size);
      if (answer.ok) await onReservation(shopper, answer.body, "release");
      const isRight = owners.has(shopper.name) ? !answer.ok && answer.problem.code === "limit-exceeded" : answer.ok;
      if (!isRight)
        wronged.push(`${shopper.name} was told ${JSON.stringify(answer.ok ? answer.body : answer.problem)}`);
    }),
  );
  const ownersAsked = probed.filter(({ name }) => owners.has(name)).length;
  return { free: probed.length - ownersAsked, owners: ownersAsked, wronged };
}

/** Who let go of much, or just now, would have to let others go first: that is not what is probed. */
async function letEverybodyAsk(api: Api, { admin }: Tokens, sku: string): Promise<void> {
  const body = { policy: { abandonsPerHour: ABANDONS_PER_HOUR_MAX, reholdSeconds: 1 } };
  must(
    await api.call({ kind: null, method: "PATCH", path: `/v1/skus/${sku}`, token: admin, body, answer: trustedSku }),
  );
  await setTimeout(1000);
}

async function addUnits(api: Api, sale: Sale, { admin }: Tokens, sku: string, delta: number): Promise<void> {
  const path = `/v1/skus/${sku}/adjustments`;
  const body = { delta, reason: "probes" };
  const key = randomUUID();
  must(await api.call({ kind: null, method: "POST", path, token: admin, key, body, answer: trustedSku }));
  sale.stock.set(sku, (sale.stock.get(sku) ?? 0) + delta);
}

/** Customers who have bought a pair and kept it. */
async function ownersIn(api: Api, sale: Sale, tokens: Tokens): Promise<Set<string>> {
  const rows = await Promise.all(sale.limited.map((sku) => readRows(api, sku, tokens)));
  const kept = rows.flat().filter(({ confirmedQuantity, returnedQuantity }) => confirmedQuantity > returnedQuantity);
  return new Set(kept.map(({ customer }) => customer));
}
