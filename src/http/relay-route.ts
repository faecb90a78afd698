import { DIRECT_FULL_MS, RELAY_TIERS, TIER_FULL_MS } from "../domain/bounds.ts";
import { hasPassed } from "../domain/elapsed.ts";
import { placeOf, relayOf } from "../domain/relay-placement.ts";

/** A joining live socket: its SKUs, its customer, and its upgrade. */
export interface Joining {
  skus: string[];
  customer: string | null;
  /** Whether the SKU's own object may take it (one SKU only). */
  isDirect: boolean;
  headers: Record<string, string>;
}

/**
 * Chooses the object for a live socket: the first ones of a SKU go to its own object, all others to the Relays, tier by tier.
 * What this isolate remembers is a hint only.
 */
export class RelayRoute {
  #tier = 0;
  /** When a Relay of the tier before was last found full. */
  #tierSince = Number.NEGATIVE_INFINITY;
  /** When SKUs' own objects were found full. */
  readonly #fullSince = new Map<string, number>();

  /** The answer to an upgrade: 101, 404 if there is no such SKU, or 503 if there is no room anywhere. */
  async join(env: Env, joining: Joining, now: number): Promise<Response> {
    const [first = ""] = joining.skus;
    if (joining.isDirect && hasPassed(this.#fullSince.get(first) ?? Number.NEGATIVE_INFINITY, DIRECT_FULL_MS, now)) {
      const response = await upgradeAt(env.SKU.getByName(first), joining);
      if (response.status !== 503) return response;
      this.#isFull(first, now);
    }
    const place = joining.customer === null ? Math.floor(Math.random() * 2 ** RELAY_TIERS) : placeOf(joining.customer);
    for (let tier = this.#firstTier(now); ; tier++) {
      const response = await upgradeAt(env.RELAY.getByName(relayOf(tier, place)), joining);
      if (response.status !== 503 || tier === RELAY_TIERS - 1) return response;
      this.#tier = Math.max(this.#tier, tier + 1);
      this.#tierSince = now;
    }
  }

  #firstTier(now: number): number {
    if (hasPassed(this.#tierSince, TIER_FULL_MS, now)) this.#tier = 0;
    return this.#tier;
  }

  #isFull(sku: string, now: number): void {
    for (const [name, since] of this.#fullSince)
      if (hasPassed(since, DIRECT_FULL_MS, now)) this.#fullSince.delete(name);
    this.#fullSince.set(sku, now);
  }
}

function upgradeAt(object: Fetcher, { headers }: Joining): Promise<Response> {
  return object.fetch("https://object/live", { headers });
}
