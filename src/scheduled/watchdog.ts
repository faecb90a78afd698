import { CHANGED_LATELY_MS, OBJECT_CALL_MS, OVERDUE_MS, WOKEN_MAX } from "../domain/bounds.ts";
import { cartObjectOf } from "../domain/cart-placement.ts";
import { workerLogger } from "../logger.ts";
import { withTimeout } from "../objects/shared/timeout.ts";
import { readSuspects } from "../storage/d1-overdue.ts";

/**
 * Wakes objects that may have stopped: an alarm can be lost, and an object that nobody calls does not notice. Woken, it sets its
 * alarm and sends on what waits. Waking one that is well changes nothing.
 */
export async function wakeSuspects(env: Env): Promise<void> {
  const now = Date.now();
  const { skus, carts, drops } = await readSuspects(env.DB, now - OVERDUE_MS, now - CHANGED_LATELY_MS, WOKEN_MAX);
  const cartObjects = new Set(carts.flatMap((id) => cartObjectOf(id) ?? []));
  await Promise.all([
    ...skus.map((name) => wake("sku", name, env.SKU.getByName(name).begin())),
    ...[...cartObjects].map((name) => wake("cart", name, env.CART.getByName(name).begin())),
    ...drops.map((name) => wake("drop", name, env.DROP.getByName(name).begin())),
  ]);
}

async function wake(kind: string, woken: string, begun: PromiseLike<void>): Promise<void> {
  try {
    await withTimeout(begun, OBJECT_CALL_MS, `the ${kind} ${woken}`);
  } catch (error) {
    workerLogger.log("watchdog_wake_failed", { kind, woken, error });
  }
}
