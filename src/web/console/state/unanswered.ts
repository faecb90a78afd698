import { newKey } from "../../../client/patience.ts";

/** How long the service knows a key for certain. */
const KEY_MS = 24 * 60 * 60 * 1000;

/**
 * The keys of changes that are not known to be answered. They outlive the dialogs that asked, so that whoever asks for the
 * same again finds out what became of it instead of doing it twice.
 */
export class Unanswered {
  readonly #keys = new Map<string, { key: string; since: number }>();

  /** The key of a change, which it keeps until it is answered or the service has forgotten it. */
  keyOf(change: string, now: number): string {
    const kept = this.#keptOf(change, now);
    const key = kept?.key ?? newKey();
    if (kept === undefined) this.#keys.set(change, { key, since: now });
    return key;
  }

  has(change: string, now: number): boolean {
    return this.#keptOf(change, now) !== undefined;
  }

  /** What is answered may be done once more by whoever wants it once more. */
  answered(change: string): void {
    this.#keys.delete(change);
  }

  #keptOf(change: string, now: number) {
    const kept = this.#keys.get(change);
    return kept !== undefined && now - kept.since < KEY_MS ? kept : undefined;
  }
}
