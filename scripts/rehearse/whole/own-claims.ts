import type { Reservation } from "../books.ts";
import { unitsWithin } from "../verdicts.ts";
import type { CartView, EntryView, WholeBooks } from "./books.ts";
import { isCounted, type WholeDrop } from "./drop.ts";

type Span = { from: number; to: number };
/** What a customer had of the sizes during a call, as far as it could know. */
export type Claims = { surely: boolean; maybe: boolean };

type Told = { singles: Reservation[]; carts: CartView[]; entries: EntryView[] };

/** What one customer was told that it has. */
export class OwnClaims {
  readonly #drop: WholeDrop;
  readonly #books: WholeBooks;
  readonly #singles = new Map<string, string>();
  readonly #carts = new Set<string>();
  readonly #entries = new Set<string>();
  /** A call was given up: it may have won a pair or not. */
  #isUnsure = false;
  #inFlight = 0;
  #begun = 0;

  constructor(drop: WholeDrop, books: WholeBooks) {
    this.#drop = drop;
    this.#books = books;
  }

  /** The reservation is its own. */
  single({ id, sku }: Reservation): void {
    this.#singles.set(id, sku);
  }

  cart({ id }: CartView): void {
    this.#carts.add(id);
  }

  entry({ id }: EntryView): void {
    this.#entries.add(id);
  }

  /** Makes a call that may win a pair, and says what else its customer had meanwhile. */
  async during<Result>(call: () => Promise<Result>, spanOf: (result: Result) => Span): Promise<[Result, Claims]> {
    const before = this.#snapshot();
    const rivals = this.#inFlight;
    const mine = ++this.#begun;
    this.#inFlight += 1;
    const result = await call()
      .catch((error) => {
        this.#isUnsure = true;
        throw error;
      })
      .finally(() => {
        this.#inFlight -= 1;
      });
    const span = spanOf(result);
    const surely = this.#units(before, span).least > 0;
    const hasRivals = this.#isUnsure || rivals > 0 || this.#begun > mine;
    const maybe =
      hasRivals || surely || this.#units(before, span).most > 0 || this.#units(this.#snapshot(), span).most > 0;
    return [result, { surely, maybe }];
  }

  /** Whether it was never told of anything that is its own. */
  get isEmpty(): boolean {
    return this.#singles.size + this.#carts.size + this.#entries.size === 0;
  }

  #snapshot(): Told {
    return {
      singles: [...this.#singles].flatMap(([id, sku]) =>
        isCounted(this.#drop, sku) ? (this.#books.of(sku).reservations.get(id) ?? []) : [],
      ),
      carts: [...this.#carts].flatMap((id) => this.#books.carts.get(id) ?? []),
      entries: [...this.#entries].flatMap((id) => this.#books.entries.get(id) ?? []),
    };
  }

  #units({ singles, carts, entries }: Told, span: Span): { least: number; most: number } {
    const units = unitsWithin(singles, span);
    for (const cart of carts) {
      const { least, most } = this.#pairsIn(cart, span);
      units.least += least;
      units.most += most;
    }
    // Whoever waits may have been offered something a moment ago.
    const isActive = ({ status, sku }: EntryView) => isCounted(this.#drop, sku) && isInLine(status);
    units.most += entries.filter(isActive).length;
    return units;
  }

  #pairsIn({ status, expiresAt, lines }: CartView, span: Span): { least: number; most: number } {
    const end = expiresAt === null ? 0 : Date.parse(expiresAt);
    const pairs = lines.filter(
      ({ sku, reservation, status: state }) =>
        isCounted(this.#drop, sku) &&
        reservation !== null &&
        (state === "held" || state === "confirmed") &&
        !this.#books.givenBack.has(reservation),
    ).length;
    if (status === "confirmed") return { least: pairs, most: pairs };
    if (status !== "held") return { least: 0, most: 0 };
    return { least: span.to < end ? pairs : 0, most: span.from < end ? pairs : 0 };
  }
}

/** Whether an entry may still turn into units. */
function isInLine(status: EntryView["status"]): boolean {
  return status === "waiting" || status === "offered";
}
