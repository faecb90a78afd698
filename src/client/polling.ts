import { POLL_CALL_MS, POLL_MS, POLL_MS_MAX } from "./bounds.ts";
import { type Calls, segment } from "./calls.ts";
import { HoldfastError } from "./failure.ts";
import { wait } from "./patience.ts";
import type { Refusal } from "./refusal.ts";
import { claimsOf, type Tokens } from "./tokens.ts";
import type { Own, ServerFrame, Sku } from "./wire.ts";

export interface PollSettings {
  skus: readonly string[];
  calls: Calls;
  tokens: Tokens;
  random: () => number;
}

/** Whether asking again cannot help. A token that could not be got has no status and may work next time. */
function isHopeless(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && [400, 401, 403].includes(error.status ?? 0);
}

/** Polls what a socket would send, and reports it as frames, until the signal is aborted. Resolves with the reason if polling cannot help. */
export async function poll(
  { skus, calls, tokens, random }: PollSettings,
  tell: (frame: ServerFrame) => void,
  signal: AbortSignal,
): Promise<Refusal | HoldfastError | null> {
  const options = { signal, triesMax: 1 };
  let pauseMs = POLL_MS;
  while (!signal.aborted) {
    try {
      const token = await tokens.get();
      const isShopper = token !== null && claimsOf(token).role === "shopper";
      for (const sku of skus) {
        const path = `/v1/skus/${segment(sku)}`;
        const stock = await calls.get<Sku>(path, options);
        if (!stock.ok) return stock.refusal;
        tell(stockFrame(stock.value));
        const own = isShopper ? await calls.get<Own>(`${path}/me`, options) : null;
        if (own?.ok) tell({ type: "snapshot", sku, ...own.value });
      }
      pauseMs = Math.max(POLL_MS, skus.length * (isShopper ? 2 : 1) * POLL_CALL_MS);
    } catch (error) {
      if (isHopeless(error)) return error;
      pauseMs = Math.min(POLL_MS_MAX, pauseMs * 2);
    }
    await wait(pauseMs * (0.75 + random() / 2), signal).catch(() => undefined);
  }
  return null;
}

/** A SKU has everything that its stock frame has. */
function stockFrame({ updatedAt: at, ...sku }: Sku): ServerFrame {
  return { ...sku, type: "stock", at };
}
