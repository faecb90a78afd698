/** Chance that a seed decides: the same seed makes the same crowd. */
export class Random {
  #state: number;

  constructor(...seeds: number[]) {
    this.#state = seeds.reduce((state, seed) => Math.imul(state ^ seed, 0x9e3779b1) + 0x85ebca6b, 0x2545f491) | 0;
    this.next();
  }

  /** A number from 0 up to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A waiting time of this mean, the exponential kind that arrivals have, cut at `most`. */
  wait(mean: number, most: number): number {
    return Math.min(most, -Math.log(1 - this.next()) * mean);
  }

  /** One of the items, each as likely as its weight says. */
  weighted<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    let left = this.next() * items.reduce((sum, [weight]) => sum + weight, 0);
    const found = items.find(([weight]) => {
      left -= weight;
      return left < 0;
    });
    const item = found ?? items.at(-1);
    if (item === undefined) throw new Error("there is nothing to choose from");
    return item[1];
  }
}
