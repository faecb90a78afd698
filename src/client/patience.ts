import { PAUSE_MS_MAX, PAUSE_MS_MIN, RETRY_AFTER_SPREAD_MS, TIMER_MS_MAX } from "./bounds.ts";

/** Waits, or rejects with the signal's reason as soon as it is aborted. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    function stop() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** A timer that can be cancelled; a longer delay than timers allow is cut. */
export function later(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, Math.min(Math.max(ms, 0), TIMER_MS_MAX));
  return () => clearTimeout(timer);
}

/**
 * The pause before try number `next` (2 is the first retry). Without `Retry-After` it is a random part of a doubling span, so
 * that a crowd that failed together does not return together; it is never less than `Retry-After`.
 */
export function pauseBefore(next: number, retryAfterMs: number | null, random: () => number): number {
  const span = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** (next - 2));
  if (retryAfterMs === null) return span / 2 + (random() * span) / 2;
  return retryAfterMs + random() * RETRY_AFTER_SPREAD_MS;
}

/** `Retry-After` in milliseconds, from seconds or a date by the server's clock; null if there is none. */
export function readRetryAfter(header: string | null, serverNow: number): number | null {
  const text = header ?? "";
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Math.max(0, Date.parse(text) - serverNow);
  return ms >= 0 ? ms : null;
}

/** A random key of 128 bits in visible ASCII. Not `randomUUID`, which pages without https lack. */
export function newKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}
