import type { Watcher } from "../contracts/live.ts";
import type { Sockets } from "./sockets.ts";
import { refuse } from "./upgrade.ts";

/** Closes sockets when their tokens expire. Looks at the sockets only when one is due. */
export class TokenExpiry {
  readonly #sockets: Sockets;
  /** When the first token of the open sockets expires; unknown after a wake, until the sockets were looked at. */
  #next: number | null | "unknown" = "unknown";

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  joined({ expiresAt }: Watcher): void {
    if (expiresAt !== null && this.#next !== "unknown") this.#next = Math.min(this.#next ?? expiresAt, expiresAt);
  }

  /** Closes sockets with expired tokens; returns when the next token expires, or null. */
  closeExpired(now: number): number | null {
    if (this.#next !== "unknown" && now < (this.#next ?? Number.POSITIVE_INFINITY)) return this.#next;
    let next: number | null = null;
    for (const socket of this.#sockets.expiring()) {
      const { expiresAt } = this.#sockets.recall(socket);
      if (expiresAt === null) continue;
      if (expiresAt <= now) refuse(socket, "unauthenticated", "the token has expired");
      else next = Math.min(next ?? expiresAt, expiresAt);
    }
    this.#next = next;
    return next;
  }
}
