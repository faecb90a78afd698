import type { BatchCommandBody } from "../contracts/reservation.ts";
import { BATCH_BYTES_MAX, BATCH_COMMANDS_MAX, BATCH_WINDOW_MS } from "./bounds.ts";
import { HoldfastError } from "./failure.ts";
import { newKey } from "./patience.ts";
import { refusalIn } from "./refusal.ts";
import type { Send, WireResponse } from "./transport.ts";

export type KeyedCommand = BatchCommandBody & { idempotencyKey: string };

/** A command, and who waits for what becomes of it. */
interface Waiting {
  command: KeyedCommand;
  waitSeconds: number | undefined;
  signal: AbortSignal | undefined;
  /** Makes the same call by itself, with the same key. */
  alone: () => Promise<WireResponse>;
}
interface Part extends Waiting {
  bytes: number;
  settle: (answer: WireResponse | Promise<WireResponse>) => void;
}

/** What the service says of each command of a batch. */
interface Outcome {
  status: number;
  body: unknown;
}

/** Has a command travel with the next batch of its SKU; see `createBatcher`. */
export type AddToBatch = (sku: string, waiting: Waiting) => Promise<WireResponse>;

/**
 * Calls for one SKU that are made together travel as one batch, each command with a key of its own: what comes back for it
 * is what the call by itself would have got, and a call that is repeated by itself meets what the batch did.
 */
export function createBatcher(send: Send): AddToBatch {
  const gathering = new Map<string, Part[]>();

  function dispatch(sku: string, parts: readonly Part[]): void {
    // When it was full before, it is on its way, and these are others.
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
      // Also what nobody waits for any more comes to an end, and none that is unheard.
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

/** What became of one command. What was not decided is tried again by itself. */
function outcomeOf({ alone }: Part, headers: Headers, outcome?: Outcome): WireResponse | Promise<WireResponse> {
  const refusal = refusalIn(outcome?.body);
  if (outcome === undefined || (outcome.status >= 300 && refusal === null)) return alone();
  return { headers, body: outcome.body, refusal };
}

/** One command that is not valid spoils the batch, and is no fault of the others. */
function isFaultOfOne(error: unknown): boolean {
  return error instanceof HoldfastError && (error.status === 400 || error.status === 413);
}

/** Callers repeat their own call, not the batch. */
function errorOf({ command: { idempotencyKey } }: Part, error: unknown): unknown {
  if (!(error instanceof HoldfastError)) return error;
  return new HoldfastError(error.code, error.message, { ...error, idempotencyKey, cause: error.cause });
}
