import { Books, type CartView, type EntryView } from "../../scripts/rehearse/crowd/books.ts";
import { Journal } from "../../scripts/rehearse/crowd/journal.ts";
import type { Sale } from "../../scripts/rehearse/crowd/sale.ts";
import { ServerClock } from "../../scripts/rehearse/crowd/server-clock.ts";
import type { Reservation } from "../../scripts/rehearse/crowd/sku-books.ts";
import type { Logged } from "../../scripts/rehearse/events/log.ts";
import { DEFAULT_POLICY } from "../../src/domain/model.ts";

const ttlMs = 4000;

type Moved = { stock?: number; held?: number; sold?: number };

/** A sale as an exact service would have run it: every event, what callers were told. */
export class Story {
  readonly sale: Sale;
  readonly books = new Books();
  readonly journal = new Journal();
  readonly carts = new Map<string, CartView>();
  readonly entries = new Map<string, EntryView>();
  readonly log: Logged[] = [];
  readonly reservations = new Map<string, Reservation>();
  /** Now, in the story. */
  at: number;

  constructor(scope: "sku" | "drop", stock: Record<string, number>, limited: string[]) {
    const now = Date.now();
    const opensAt = now - 120_000;
    this.at = opensAt - 4000;
    const limit = { scope, units: scope === "sku" ? 2 : 1 };
    const policy = {
      ...DEFAULT_POLICY,
      opensAt: null,
      closesAt: null,
      holdTtlSeconds: ttlMs / 1000,
      maxHoldSeconds: 10,
    };
    const clock = new ServerClock(now, now, now);
    const units = new Map(Object.entries(stock));
    this.sale = { name: "story", stock: units, limited, limit, policy, opensAt, clock };
    for (const [sku, count] of units) {
      this.happen(sku, "sku.created", { stock: count });
      this.happen(sku, "sku.updated");
    }
    this.at = opensAt;
    for (const sku of units.keys()) this.happen(sku, "sale.opened");
  }

  /** Something happens to a SKU a moment later; returns its sequence. */
  happen(sku: string, type: Logged["type"], moved: Moved = {}, data: Record<string, unknown> = {}): number {
    this.at += 10;
    const stream = `sku/${sku}`;
    const sequence = 1 + this.log.filter((event) => event.stream === stream).length;
    const { stock: dStock = 0, held: dHeld = 0, sold: dSold = 0 } = moved;
    const whole = { dStock, dHeld, dSold, ...structuredClone(data) };
    const position = this.log.length + 1;
    const time = iso(this.at);
    this.log.push({ id: `${stream}:${sequence}`, stream, sku, sequence, position, type, time, data: whole });
    return sequence;
  }

  /** Somebody's units are set aside. */
  claim(sku: string, customer: string, quantity: number, more: Partial<Reservation> & { type?: Logged["type"] } = {}) {
    const { type = "reservation.held", ...over } = more;
    const sequence = 1 + this.log.filter((event) => event.sku === sku).length;
    const start = this.at + 10;
    const reservation: Reservation = {
      id: `${sku}-r${sequence}`,
      sku,
      customer,
      quantity,
      status: "held",
      createdAt: iso(start),
      expiresAt: iso(start + ttlMs),
      extendableUntil: iso(start + 10_000),
      confirmedQuantity: 0,
      returnedQuantity: 0,
      orderId: null,
      rescued: false,
      refunds: [],
      cart: null,
      metadata: {},
      version: sequence,
      ...over,
    };
    this.happen(sku, type, { held: quantity }, { reservation });
    this.reservations.set(reservation.id, reservation);
    return reservation;
  }

  /** A reservation changes, and everybody who asks sees it so from now on. */
  change(
    { id, sku }: Reservation,
    type: Logged["type"],
    moved: Moved,
    changes: Partial<Reservation> = {},
    data: Record<string, unknown> = {},
  ): Reservation {
    const version = 1 + this.log.filter((event) => event.sku === sku).length;
    const before = this.reservations.get(id);
    if (before === undefined) throw new Error(`there is no ${id}`);
    const now = { ...before, ...changes, version };
    this.happen(sku, type, moved, { reservation: now, ...data });
    this.reservations.set(id, now);
    return now;
  }

  /** What a customer has of a SKU, the newest. */
  of(sku: string, customer: string): Reservation {
    const own = [...this.reservations.values()].filter((one) => one.sku === sku && one.customer === customer);
    const newest = own.at(-1);
    if (newest === undefined) throw new Error(`${customer} has nothing of ${sku}`);
    return newest;
  }

  /** A try came to nothing: there is no reservation. */
  forget({ id }: Reservation): void {
    this.reservations.delete(id);
  }

  /** A caller is told, in answer to a call with this key. */
  tell(reservation: Reservation, key = `key-${reservation.sku}-${reservation.version}`): Reservation {
    const books = this.books.of(reservation.sku);
    const span = { sentAt: this.at, answeredAt: this.at };
    books.useKey(key);
    books.keyAccepted(key, {
      ...span,
      ok: true,
      status: 200,
      headers: new Headers(),
      replayed: false,
      body: reservation,
    });
    this.books.isSureFrom(reservation.id, this.at);
    return books.tell(structuredClone(reservation));
  }
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
