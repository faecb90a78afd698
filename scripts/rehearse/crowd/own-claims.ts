import type { Books, CartView, EntryView } from "./books.ts";
import { type Units, unitsWithin } from "./reservation-verdicts.ts";
import { isLimited, type Sale } from "./sale.ts";
import type { Reservation } from "./sku-books.ts";

type Span = { from: number; to: number };
type Told = { singles: Reservation[]; carts: CartView[]; entries: EntryView[] };

/** What one customer was told that it has. */
export class OwnClaims {
  readonly #sale: Sale;
  readonly #books: Books;
  readonly #singles = new Map<string, string>();
  readonly #carts = new Set<string>();
  readonly #entries = new Set<string>();
  /** A call was given up: what it won nobody knows. */
  #isUnsure = false;
  /** Units in calls that are not answered yet, and in all calls so far. */
  #inFlight = 0;
  #begun = 0;

  constructor(sale: Sale, books: Books) {
    this.#sale = sale;
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

  /** Makes a call that may win so many units of what the limit counts, and says how many its customer had meanwhile. */
  async during<Result>(
    units: number,
    call: () => Promise<Result>,
    spanOf: (result: Result) => Span,
  ): Promise<[Result, Units]> {
    const before = this.#limitedOnly();
    const earlier = this.#inFlight;
    this.#inFlight += units;
    this.#begun += units;
    const begun = this.#begun;
    const result = await call()
      .catch((error) => {
        this.#isUnsure = true;
        throw error;
      })
      .finally(() => {
        this.#inFlight -= units;
      });
    const span = spanOf(result);
    const { least, most } = this.#units(before, span);
    // Calls of its own that ran beside this one may have come first.
    const beside = this.#isUnsure ? Number.POSITIVE_INFINITY : earlier + this.#begun - begun;
    return [result, { least, most: Math.max(most, this.#units(this.#limitedOnly(), span).most) + beside }];
  }

  /** Whether it was never told of anything that is its own. */
  get isEmpty(): boolean {
    return this.#singles.size + this.#carts.size + this.#entries.size === 0;
  }

  /** Its reservations of a SKU as last told. */
  singlesOf(sku: string): Reservation[] {
    return [...this.#singles.keys()].flatMap((id) => this.#books.of(sku).reservations.get(id) ?? []);
  }

  #limitedOnly(): Told {
    return {
      singles: this.#sale.limited.flatMap((sku) => this.singlesOf(sku)),
      carts: [...this.#carts].flatMap((id) => this.#books.carts.get(id) ?? []),
      entries: [...this.#entries].flatMap((id) => this.#books.entries.get(id) ?? []),
    };
  }

  #units({ singles, carts, entries }: Told, span: Span): Units {
    const units = unitsWithin(singles, span);
    for (const cart of carts) {
      const { least, most } = this.#unitsIn(cart, span);
      units.least += least;
      units.most += most;
    }
    // Whoever waits may have been offered something a moment ago.
    const active = entries.filter(({ status, sku }) => isLimited(this.#sale, sku) && isInLine(status));
    units.most += active.reduce((sum, { quantity }) => sum + quantity, 0);
    return units;
  }

  #unitsIn({ status, expiresAt, lines }: CartView, span: Span): Units {
    const end = expiresAt === null ? 0 : Date.parse(expiresAt);
    const own = lines.filter(
      ({ sku, reservation, status: state }) =>
        isLimited(this.#sale, sku) &&
        reservation !== null &&
        (state === "held" || state === "confirmed") &&
        !this.#books.givenBack.has(reservation),
    );
    const units = own.reduce((sum, { quantity }) => sum + quantity, 0);
    if (status === "confirmed") return { least: units, most: units };
    if (status !== "held") return { least: 0, most: 0 };
    return { least: span.to < end ? units : 0, most: span.from < end ? units : 0 };
  }
}

/** Whether an entry may still turn into units. */
function isInLine(status: EntryView["status"]): boolean {
  return status === "waiting" || status === "offered";
}
