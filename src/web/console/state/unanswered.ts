import { newKey } from "../../../client/patience.ts";

/** How long the service certainly keeps a key. */
const KEY_MS = 24 * 60 * 60 * 1000;

/**
 * The keys of changes without a known answer. They outlive the dialogs that made them, so that the same request again finds its
 * outcome instead of having a second effect.
 */
export class Unanswered {
  readonly #keys = new Map<string, { key: string; since: number }>();

  /** The key of a change, kept until it is answered or the service has forgotten it. */
  keyOf(change: string, now: number): string {
    const kept = this.#keptOf(change, now);
    const key = kept?.key ?? newKey();
    if (kept === undefined) this.#keys.set(change, { key, since: now });
    return key;
  }

  has(change: string, now: number): boolean {
    return this.#keptOf(change, now) !== undefined;
  }

  /** An answered change may be requested again as a new one. */
  answered(change: string): void {
    this.#keys.delete(change);
  }

  #keptOf(change: string, now: number) {
    const kept = this.#keys.get(change);
    return kept !== undefined && now - kept.since < KEY_MS ? kept : undefined;
  }
}
