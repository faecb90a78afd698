import { TOKEN_MARGIN_MS } from "./bounds.ts";
import type { ServerClock } from "./clock.ts";

/** A token, or a function that returns one: called again when the last one ends or is refused. */
export type TokenSource = string | (() => string | Promise<string>);

interface Claims {
  role: string | null;
  /** Milliseconds by the service's clock; null: unknown. */
  expiresAt: number | null;
}

/** The token for calls. */
export interface Tokens {
  /** Whether another token can be got. */
  canRenew: boolean;
  /** A token that does not end soon, as far as known; null for an anonymous client. */
  get: () => Promise<string | null>;
  /** The service refused this token: another one is got, unless that has happened already. */
  reject: (token: string | null) => void;
}

/** The tokens of a source. Concurrent calls wait for one renewal. */
export function createTokens(source: TokenSource | null, clock: ServerClock): Tokens {
  let current: string | null = null;
  let renewal: Promise<string> | null = null;

  function isEnding(token: string): boolean {
    const { expiresAt } = claimsOf(token);
    return expiresAt !== null && expiresAt - TOKEN_MARGIN_MS <= clock.now();
  }

  async function renew(next: () => string | Promise<string>): Promise<string> {
    // A source that throws synchronously would otherwise be over before it is stored as pending.
    await null;
    try {
      current = await next();
      return current;
    } finally {
      renewal = null;
    }
  }

  return {
    canRenew: typeof source === "function",
    async get() {
      if (typeof source !== "function") return source;
      if (current !== null && !isEnding(current)) return current;
      renewal ??= renew(source);
      return renewal;
    },
    reject(token) {
      if (current === token) current = null;
    },
  };
}

/** Whether its bearer may send batches. The token is not verified here: the service does that. */
export function mayBatch(token: string | null): boolean {
  const role = token === null ? null : claimsOf(token).role;
  return role === "storefront" || role === "admin";
}

/** The claims of a token; nothing if it cannot be read. */
export function claimsOf(token: string): Claims {
  try {
    const payload = token.split(".")[1] ?? "";
    const { role, exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return { role, expiresAt: exp > 0 ? exp * 1000 : null };
  } catch {
    return { role: null, expiresAt: null };
  }
}
