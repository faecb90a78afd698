/** Units somebody has: a hold with an end, or a purchase. */
export interface ModelClaim {
  customer: string;
  quantity: number;
  sold: boolean;
  expiresAt: number;
  /** The entry that it is the offer of. */
  entry: string | null;
}

interface Waiting {
  id: string;
  customer: string;
  quantity: number;
}

export const OFFER_MS = 60_000;
export const HOLD_MS = 90_000;

/**
 * A waitlist told in the plainest way: a line of people and a heap of units. Whenever anything has changed, the line is
 * walked from its front and whoever fits gets an offer. What is free is counted anew each time.
 */
export class WaitlistModel {
  readonly line: Waiting[] = [];
  readonly claims = new Map<string, ModelClaim>();
  readonly ended = new Map<string, string>();
  stock: number;
  paused = false;
  now = 0;
  readonly #limit: number;

  constructor(stock: number, limit: number) {
    this.stock = stock;
    this.#limit = limit;
  }

  get free(): number {
    let used = 0;
    for (const { quantity } of this.claims.values()) used += quantity;
    return this.stock - used;
  }

  unitsOf(customer: string): number {
    let units = 0;
    for (const claim of this.claims.values()) if (claim.customer === customer) units += claim.quantity;
    return units;
  }

  /** The entry with which a customer waits or is offered something. */
  entryOf(customer: string): string | undefined {
    const offer = [...this.claims.values()].find(
      (claim) => claim.customer === customer && claim.entry !== null && !claim.sold,
    );
    return this.line.find((one) => one.customer === customer)?.id ?? offer?.entry ?? undefined;
  }

  statusOf(id: string): string {
    if (this.line.some((one) => one.id === id)) return "waiting";
    const claim = [...this.claims.values()].find(({ entry }) => entry === id);
    if (claim) return claim.sold ? "accepted" : "offered";
    return this.ended.get(id) ?? "unknown";
  }

  join(id: string, customer: string, quantity: number): boolean {
    if (this.paused || this.entryOf(customer) !== undefined || quantity <= this.free || quantity > this.#limit)
      return false;
    this.line.push({ id, customer, quantity });
    return true;
  }

  leave(id: string): void {
    const at = this.line.findIndex((one) => one.id === id);
    if (at >= 0) {
      this.line.splice(at, 1);
      this.ended.set(id, "withdrawn");
    }
    for (const [key, { entry, sold }] of this.claims) if (entry === id && !sold) this.release(key);
    this.serve();
  }

  reserve(key: string, customer: string, quantity: number): boolean {
    if (this.paused || quantity > this.free || this.unitsOf(customer) + quantity > this.#limit) return false;
    this.claims.set(key, { customer, quantity, sold: false, expiresAt: this.now + HOLD_MS, entry: null });
    return true;
  }

  release(key: string): void {
    const claim = this.claims.get(key);
    if (claim === undefined || claim.sold) return;
    this.claims.delete(key);
    if (claim.entry !== null) this.ended.set(claim.entry, "declined");
    this.serve();
  }

  sell(key: string): void {
    const claim = this.claims.get(key);
    if (claim) claim.sold = true;
  }

  giveBack(key: string): void {
    const claim = this.claims.get(key);
    if (!claim?.sold) return;
    this.claims.delete(key);
    if (claim.entry !== null) this.ended.set(claim.entry, "accepted");
    this.serve();
  }

  adjust(delta: number): void {
    if (this.free + delta < 0) return;
    this.stock += delta;
    this.serve();
  }

  pause(paused: boolean): void {
    this.paused = paused;
    this.serve();
  }

  /** Time passes; all that dies at once goes before anybody is served. */
  pass(ms: number): void {
    this.now += ms;
    for (const [key, claim] of this.claims) {
      if (claim.sold || claim.expiresAt > this.now) continue;
      this.claims.delete(key);
      if (claim.entry !== null) this.ended.set(claim.entry, "lapsed");
    }
    this.serve();
  }

  serve(): void {
    if (this.paused) return;
    for (const one of [...this.line]) {
      if (one.quantity > this.free) continue;
      this.line.splice(this.line.indexOf(one), 1);
      if (this.unitsOf(one.customer) + one.quantity > this.#limit) this.ended.set(one.id, "withdrawn");
      else {
        const { id, customer, quantity } = one;
        this.claims.set(`offer of ${id}`, {
          customer,
          quantity,
          sold: false,
          expiresAt: this.now + OFFER_MS,
          entry: id,
        });
      }
    }
  }
}
