import { TOKEN_MARGIN_MS } from "./bounds.ts";
import type { ServerClock } from "./clock.ts";

/** A token, or where to get one: it is asked again when the last one ends or is not accepted. */
export type TokenSource = string | (() => string | Promise<string>);

interface Claims {
  role: string | null;
  /** Milliseconds by the service's clock; null: not known. */
  expiresAt: number | null;
}

/** The token that calls are made with. */
export interface Tokens {
  /** Whether there is a way to another token than the current one. */
  canRenew: boolean;
  /** A token that is not about to end, as far as can be known; null for an anonymous client. */
  get: () => Promise<string | null>;
  /** The service does not accept this token: another one is got, unless that has happened already. */
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
    // What throws at once would otherwise be over before it is kept as under way.
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

/** Whether its bearer may send batches. A token is not verified here: the service does that. */
export function mayBatch(token: string | null): boolean {
  const role = token === null ? null : claimsOf(token).role;
  return role === "storefront" || role === "admin";
}

/** What a token says of itself; nothing when it is none that can be read. */
export function claimsOf(token: string): Claims {
  try {
    const payload = token.split(".")[1] ?? "";
    const { role, exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return { role, expiresAt: exp > 0 ? exp * 1000 : null };
  } catch {
    return { role: null, expiresAt: null };
  }
}
