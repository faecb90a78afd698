import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { KEYS_ASK_MS, KEYS_CALL_MS, KEYS_FRESH_MS, KEYS_KEPT_MS } from "../domain/bounds.ts";
import { workerLogger } from "../logger.ts";
import { withTimeout } from "../objects/shared/timeout.ts";

/** The time at which a token is verified, and how to keep work running after the answer. */
export interface Judging {
  now: number;
  waitUntil(work: Promise<unknown>): void;
}

type VerifyKey = Awaited<ReturnType<JWTVerifyGetKey>>;

interface KnownKeys {
  /** The response text, to detect changes. */
  json: string;
  find: JWTVerifyGetKey;
  at: number;
}

/**
 * The keys of one key server, cached in this isolate. It is asked by one call at a time and at most every 10 seconds, whatever
 * tokens come; while it is down the last keys stay valid for a day.
 */
export class KeyServer {
  readonly #url: string;
  #known: KnownKeys | null = null;
  #asked: { at: number; answered: Promise<boolean> } | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  /** The current keys; the same object until they change. Rejects while there are none. */
  async keys(when: Judging): Promise<KnownKeys> {
    const { now } = when;
    const age = this.#known === null ? Number.POSITIVE_INFINITY : now - this.#known.at;
    if (age >= KEYS_KEPT_MS) await this.#ask(when);
    else if (age < 0 || age >= KEYS_FRESH_MS) void this.#ask(when);
    if (this.#known === null || now - this.#known.at >= KEYS_KEPT_MS)
      throw new Error("no keys of the key server are known");
    return this.#known;
  }

  /** The key that a token names; an unknown one may be newer than the last answer of the server. */
  async find(when: Judging, ...[header, token]: Parameters<JWTVerifyGetKey>): Promise<VerifyKey> {
    try {
      return await (await this.keys(when)).find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const isKnownNow = await this.#ask(when);
      // It cannot be known now whether the server has this key: the token is not at fault.
      if (!isKnownNow || this.#known === null) throw new Error("the key server does not answer");
      return this.#known.find(header, token);
    }
  }

  /** Asks whether the keys have changed. */
  async haveChanged(keys: KnownKeys, when: Judging): Promise<boolean> {
    await this.#ask(when);
    return this.#known !== keys;
  }

  /** Whether the last call brought keys; makes a call if none was made for a while. */
  #ask({ now, waitUntil }: Judging): Promise<boolean> {
    // A time from before the clock was set back must not block calls.
    if (this.#asked === null || Math.abs(now - this.#asked.at) >= KEYS_ASK_MS) {
      const answered = this.#call(now);
      this.#asked = { at: now, answered };
      // Other requests wait for it too, so it must not end with the request that began it.
      waitUntil(answered);
    }
    // If the request that began it has died, nobody waits for ever.
    return withTimeout(this.#asked.answered, 2 * KEYS_CALL_MS, "the key server").catch(() => false);
  }

  async #call(now: number): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(KEYS_CALL_MS);
      const response = await fetch(this.#url, { redirect: "manual", headers: { Accept: "application/json" }, signal });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      const json = await response.text();
      if (json === this.#known?.json) {
        this.#known.at = now;
      } else {
        this.#known = { json, find: createLocalJWKSet(JSON.parse(json)), at: now };
      }
      return true;
    } catch (error) {
      workerLogger.log("key_server_failed", { error });
      return false;
    }
  }
}
