import type { BatchCommandBody } from "../contracts/reservation.ts";
import { BATCH_BYTES_MAX, BATCH_COMMANDS_MAX, BATCH_WINDOW_MS } from "./bounds.ts";
import { HoldfastError } from "./failure.ts";
import { newKey } from "./patience.ts";
import { refusalIn } from "./refusal.ts";
import type { Send, WireResponse } from "./transport.ts";

export type KeyedCommand = BatchCommandBody & { idempotencyKey: string };

/** A command and its waiting caller. */
interface Waiting {
  command: KeyedCommand;
  waitSeconds: number | undefined;
  signal: AbortSignal | undefined;
  /** Makes the same call on its own, with the same key. */
  alone: () => Promise<WireResponse>;
}
interface Part extends Waiting {
  bytes: number;
  settle: (answer: WireResponse | Promise<WireResponse>) => void;
}

/** The outcome of one command in a batch's answer. */
interface Outcome {
  status: number;
  body: unknown;
}

/** Adds a command to the next batch of its SKU; see `createBatcher`. */
export type AddToBatch = (sku: string, waiting: Waiting) => Promise<WireResponse>;

/**
 * Sends concurrent calls for one SKU as one batch. Each command has its own key and gets the answer that the single call would
 * have got; a single retry finds the batch's answer by that key.
 */
export function createBatcher(send: Send): AddToBatch {
  const gathering = new Map<string, Part[]>();

  function dispatch(sku: string, parts: readonly Part[]): void {
    // A full batch is already on its way, and another one is gathering.
    if (gathering.get(sku) !== parts) return;
    gathering.delete(sku);
    void sendParts(send, sku, parts);
  }

  function gather(sku: string, part: Part): void {
    let parts = gathering.get(sku) ?? [];
    const bytes = parts.reduce((sum, each) => sum + each.bytes, part.bytes);
    if (parts.length >= BATCH_COMMANDS_MAX || bytes > BATCH_BYTES_MAX) {
      dispatch(sku, parts);
      parts = [];
    }
    parts.push(part);
    if (parts.length > 1) return;
    gathering.set(sku, parts);
    setTimeout(() => dispatch(sku, parts), BATCH_WINDOW_MS);
  }

  return async (sku, waiting) => {
    const { command, signal } = waiting;
    signal?.throwIfAborted();
    const bytes = new TextEncoder().encode(JSON.stringify(command)).byteLength + 1;
    let leave = () => {};
    const settled = new Promise<WireResponse>((resolve, reject) => {
      leave = () => reject(signal?.reason);
      signal?.addEventListener("abort", leave);
      // Outcomes are also handled for callers that no longer wait, so that no rejection is unhandled.
      const settle = (answer: WireResponse | Promise<WireResponse>) =>
        void Promise.resolve(answer).then(resolve, reject);
      gather(sku, { ...waiting, bytes, settle });
    });
    return settled.finally(() => signal?.removeEventListener("abort", leave));
  };
}

async function sendParts(send: Send, sku: string, gathered: readonly Part[]): Promise<void> {
  const parts = gathered.filter(({ signal }) => !signal?.aborted);
  if (parts.length <= 1) return parts[0]?.settle(parts[0].alone());
  const waits = parts.flatMap(({ waitSeconds }) => waitSeconds ?? []);
  try {
    const { headers, body, refusal } = await send({
      method: "POST",
      path: `/v1/skus/${sku}/batch`,
      body: { commands: parts.map(({ command }) => command) },
      key: newKey(),
      waitSeconds: waits.length > 0 ? Math.max(...waits) : undefined,
    });
    const outcomes = refusal === null ? (body as { outcomes: Outcome[] }).outcomes : [];
    for (const [index, part] of parts.entries()) {
      part.settle(refusal === null ? outcomeOf(part, headers, outcomes[index]) : { headers, body, refusal });
    }
  } catch (error) {
    for (const part of parts) part.settle(isFaultOfOne(error) ? part.alone() : Promise.reject(errorOf(part, error)));
  }
}

/** The outcome of one command. An undecided one is retried on its own. */
function outcomeOf({ alone }: Part, headers: Headers, outcome?: Outcome): WireResponse | Promise<WireResponse> {
  const refusal = refusalIn(outcome?.body);
  if (outcome === undefined || (outcome.status >= 300 && refusal === null)) return alone();
  return { headers, body: outcome.body, refusal };
}

/** An invalid command spoils the whole batch, and the others are not at fault. */
function isFaultOfOne(error: unknown): boolean {
  return error instanceof HoldfastError && (error.status === 400 || error.status === 413);
}

/** Callers repeat their own call, not the batch. */
function errorOf({ command: { idempotencyKey } }: Part, error: unknown): unknown {
  if (!(error instanceof HoldfastError)) return error;
  return new HoldfastError(error.code, error.message, { ...error, idempotencyKey, cause: error.cause });
}
