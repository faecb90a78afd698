import { hasPassed } from "../domain/elapsed.ts";
import { PUBLIC_READ_MS, RECENT_VIEWS_MAX } from "../domain/isolate-memory.ts";
import type { SkuView } from "../domain/model.ts";
import { remember } from "./remember.ts";

/**
 * SKUs as they were read a moment ago, for public reads: in a crowd that watches one SKU most need no look of their own
 * (DESIGN section 9). A change that passes through this isolate is seen at once.
 */
export class RecentViews {
  /** Values, never promises: one that belongs to a call ends with that call. */
  readonly #views = new Map<string, { view: SkuView; since: number }>();
  /** Grows with every change: what was looked up before it is not kept. */
  #changes = 0;

  /** The SKU as it was at most PUBLIC_READ_MS ago; null: there is none. Rejects when it cannot be read. */
  async find(sku: string, look: () => Promise<SkuView | null>): Promise<SkuView | null> {
    const since = Date.now();
    const recent = this.#views.get(sku);
    if (recent !== undefined && !hasPassed(recent.since, PUBLIC_READ_MS, since)) return recent.view;
    const changes = this.#changes;
    const view = await look();
    if (view !== null && changes === this.#changes) remember(this.#views, sku, { view, since }, RECENT_VIEWS_MAX);
    return view;
  }

  /** This SKU may have changed, or any if none is named. */
  forget(sku?: string): void {
    this.#changes += 1;
    if (sku === undefined) this.#views.clear();
    else this.#views.delete(sku);
  }
}
