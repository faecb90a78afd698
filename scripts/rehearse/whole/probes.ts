import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { trustedSku } from "../../../src/contracts/sku.ts";
import { ABANDONS_PER_HOUR_MAX } from "../../../src/domain/bounds.ts";
import type { Api } from "../api.ts";
import { must } from "../drop.ts";
import { readRows, type Tokens } from "../record.ts";
import type { WholeDrop } from "./drop.ts";
import { onReservation, reserve } from "./reservation-calls.ts";
import type { DropShopper } from "./shopper.ts";

const probesMax = 240;

/** What customers were told who asked for a pair when all was over. */
export type Probed = {
  free: number;
  owners: number;
  /** Those who had none and could not have one, and those who had one and got another. */
  wronged: string[];
};

/** Were an allowance lost on the way, or forgotten, it would show here: whoever has no pair may have one, and nobody else. */
export async function probeAllowances(
  api: Api,
  drop: WholeDrop,
  tokens: Tokens,
  shoppers: readonly DropShopper[],
): Promise<Probed> {
  const [size = ""] = drop.sizes;
  const probed = shoppers.slice(0, probesMax);
  await letEverybodyAsk(api, tokens, size);
  await addUnits(api, drop, tokens, size, probed.length);
  const owners = await ownersIn(api, drop, tokens);
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

async function addUnits(api: Api, drop: WholeDrop, { admin }: Tokens, sku: string, delta: number): Promise<void> {
  const path = `/v1/skus/${sku}/adjustments`;
  const body = { delta, reason: "probes" };
  const key = randomUUID();
  must(await api.call({ kind: null, method: "POST", path, token: admin, key, body, answer: trustedSku }));
  drop.stock.set(sku, (drop.stock.get(sku) ?? 0) + delta);
}

/** Customers who have bought a pair and kept it. */
async function ownersIn(api: Api, drop: WholeDrop, tokens: Tokens): Promise<Set<string>> {
  const rows = await Promise.all(drop.sizes.map((sku) => readRows(api, sku, tokens)));
  const kept = rows.flat().filter(({ confirmedQuantity, returnedQuantity }) => confirmedQuantity > returnedQuantity);
  return new Set(kept.map(({ customer }) => customer));
}
