import type { Context } from "hono";
import type { Command, Outcome } from "../domain/command.ts";
import { HAND_OVER_MS } from "../domain/isolate-memory.ts";
import type { SoldOut } from "../domain/sold-out.ts";
import { workerLogger } from "../logger.ts";
import type { AppEnv } from "./auth.ts";
import { RecentViews } from "./recent-views.ts";
import { type EpochRefusal, SoldOutEpochs } from "./sold-out-epochs.ts";

const epochs = new SoldOutEpochs();

/** Public reads of the last moment. */
export const recentViews = new RecentViews();

/** The refusal of a reserve by what this isolate knows, or null: only the SKU can tell. */
export function refuseAtOnce(
  context: Context<AppEnv>,
  sku: string,
  customer: string,
  quantity: number,
): EpochRefusal | null {
  const isFirst = !epochs.hasCounts(sku);
  const refused = epochs.refuse(sku, customer, quantity, Date.now());
  if (refused !== null && isFirst) {
    const later = new Promise((resolve) => setTimeout(resolve, HAND_OVER_MS));
    context.executionCtx.waitUntil(later.then(() => handOver(context.env, sku)));
  }
  return refused;
}

/** Before a command is passed on: its SKU learns what was refused for it, and units that it may free are not hidden. */
export function beforeCommand(context: Context<AppEnv>, sku: string, command: Command): void {
  epochs.passOn(sku, command);
  if (epochs.hasCounts(sku)) context.executionCtx.waitUntil(handOver(context.env, sku));
}

/** After it: a reserve that was refused for stock may stand for the next ones. */
export async function afterCommand(
  { env }: Context<AppEnv>,
  sku: string,
  command: Command,
  outcome: Outcome,
): Promise<void> {
  epochs.passOn(sku, command);
  // A look from before the command is not fresh any more, also one that is still under way.
  if (outcome.ok) recentViews.forget(sku);
  if (command.type !== "reserve" || outcome.ok || outcome.refusal.code !== "insufficient-stock") return;
  if (outcome.refusal.available > 0) return;
  await epochs.learn(sku, () => env.SKU.getByName(sku).soldOut() as Promise<SoldOut | null>);
}

/** A cart or a drop is changed, and with it any SKU. */
export function anySkuMayChange(): void {
  epochs.forgetAll();
  recentViews.forget();
}

async function handOver(env: Env, sku: string): Promise<void> {
  const counts = epochs.takeCounts(sku);
  if (counts.length === 0) return;
  try {
    await env.SKU.getByName(sku).countRefused(counts);
  } catch (error) {
    workerLogger.log("refusal_counts_lost", {
      sku,
      refusals: counts.reduce((sum, { count }) => sum + count, 0),
      error,
    });
  }
}
