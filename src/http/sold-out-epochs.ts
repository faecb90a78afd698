import type { Command, Refusal } from "../domain/command.ts";
import { hasPassed } from "../domain/elapsed.ts";
import { EPOCH_PACE_MS, EPOCHS_MAX } from "../domain/isolate-memory.ts";
import { refusalOf, type SoldOut } from "../domain/sold-out.ts";
import { remember } from "./remember.ts";

/** What a SKU said about itself, and what was refused with it. */
interface Epoch {
  /** Null: it answers itself, and is not asked again for a moment. */
  soldOut: SoldOut | null;
  since: number;
}

/** A refusal that needed no object, and how long ago the SKU said so. */
export interface EpochRefusal {
  refusal: Refusal;
  ageMs: number;
}

/**
 * The SKUs that this isolate knows to have nothing: it refuses reserves itself for as long as the SKU allows (DESIGN section 9).
 * Whatever may free units and passes through this isolate ends that at once.
 */
export class SoldOutEpochs {
  readonly #epochs = new Map<string, Epoch>();
  /** Grows with everything that may free units: what was asked before that is not believed. */
  #freed = 0;
  readonly #counts = new Map<string, Map<string, { refusal: Refusal; count: number }>>();

  /** The refusal of a reserve, counted for its SKU; null: the SKU has to be asked. */
  refuse(sku: string, customer: string, quantity: number, now: number): EpochRefusal | null {
    const epoch = this.#epochs.get(sku);
    if (epoch === undefined || epoch.soldOut === null || hasPassed(epoch.since, epoch.soldOut.forMs, now)) return null;
    const refusal = refusalOf(epoch.soldOut, customer, quantity);
    if (refusal === null) return null;
    this.#count(sku, epoch.soldOut.state, refusal);
    return { refusal, ageMs: now - epoch.since };
  }

  /** A reserve was refused for stock: asks the SKU, if nobody has a moment ago, whether others may be told the same. */
  async learn(sku: string, ask: () => Promise<SoldOut | null>): Promise<void> {
    const since = Date.now();
    const known = this.#epochs.get(sku);
    if (known !== undefined && !hasPassed(known.since, known.soldOut?.forMs ?? EPOCH_PACE_MS, since)) return;
    remember(this.#epochs, sku, { soldOut: null, since }, EPOCHS_MAX);
    const freed = this.#freed;
    // Without an answer the SKU goes on answering itself.
    const soldOut = await ask().catch(() => null);
    if (freed === this.#freed) remember(this.#epochs, sku, { soldOut, since }, EPOCHS_MAX);
  }

  /** A command is passed on, or was: it may free units of its SKU, unless it only asks for some. */
  passOn(sku: string, { type }: Command): void {
    if (type === "reserve" || type === "join") return;
    this.#freed += 1;
    this.#epochs.delete(sku);
  }

  /** A cart or a drop is changed: nobody here knows which SKUs that frees. */
  forgetAll(): void {
    this.#freed += 1;
    this.#epochs.clear();
  }

  /** What was refused for a SKU since it was last told, which it is now. */
  takeCounts(sku: string): { refusal: Refusal; count: number }[] {
    const counts = this.#counts.get(sku);
    this.#counts.delete(sku);
    return counts === undefined ? [] : [...counts.values()];
  }

  /** Whether this SKU has something to be told. */
  hasCounts(sku: string): boolean {
    return this.#counts.has(sku);
  }

  #count(sku: string, state: string, refusal: Refusal): void {
    const counts = this.#counts.get(sku) ?? new Map<string, { refusal: Refusal; count: number }>();
    this.#counts.set(sku, counts);
    const known = counts.get(state);
    if (known === undefined) counts.set(state, { refusal, count: 1 });
    else known.count += 1;
  }
}
