import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { reservationAnswer, reservationView } from "../../../src/contracts/reservation.ts";
import type { Accepted, Refused } from "./api.ts";

export type Reservation = z.infer<typeof reservationView>;
export type ReservationAnswer = z.infer<typeof reservationAnswer>;

/** A key, and what came of each call that bore it. */
type KeyUse = { calls: number; versions: number[]; replays: number };

type Problem = { code: string; state?: unknown };
type StockRefusal = { customer: string; quantity: number; from: number; to: number };
/** A payment after the end of what it was for, and for how long units that come back may be kept for it. */
type LatePayment = { units: number; from: number; to: number };

/** Orders that were refused for good, by the reservation or cart that they were for, each with the code that it was told. */
export class RefusedOrders {
  readonly #codes = new Map<string, Map<string, string>>();

  /** A confirmation was refused; only what is final is noted. */
  add(id: string, orderId: string, { code, refundRequired }: Refused["problem"]): void {
    if (refundRequired !== true) return;
    const codes = this.#codes.get(id) ?? new Map<string, string>();
    codes.set(orderId, code);
    this.#codes.set(id, codes);
  }

  /** What this order was told, or null. */
  told(id: string, orderId: string): string | null {
    return this.#codes.get(id)?.get(orderId) ?? null;
  }

  /** Every one of them. */
  all(): { id: string; orderId: string }[] {
    return [...this.#codes].flatMap(([id, codes]) => [...codes.keys()].map((orderId) => ({ id, orderId })));
  }
}

/** What callers were told of one SKU. */
export class SkuBooks {
  /** Every reservation that somebody was told of, as last told. */
  readonly reservations = new Map<string, Reservation>();
  /** Every change that was acknowledged, by the version it made. */
  readonly changes = new Map<number, Reservation>();
  /** The orders whose money has to go back, for good. */
  readonly refunds = new RefusedOrders();
  /** Claims that gave way to an earlier one of their customer: released, and yet to be paid for like expired ones. */
  readonly superseded = new Set<string>();
  readonly keys = new Map<string, KeyUse>();
  readonly stockRefusals: StockRefusal[] = [];
  readonly latePayments: LatePayment[] = [];
  /** Reservations about which a call was given up: it may have had its effect. */
  readonly uncertain = new Set<string>();
  /** How many reserves were refused, by reason: at least and at most, for not every answer is a refusal of its own. */
  readonly refused = new Map<string, { least: number; most: number }>();
  /** Units that were returned but not for sale again. */
  unitsTakenOut = 0;
  /** Two answers that cannot both be true. */
  readonly contradictions: string[] = [];

  /** Somebody is told what a reservation is like now. */
  tell(told: Reservation): Reservation {
    const before = this.changes.get(told.version);
    if (before && !isDeepStrictEqual(before, told)) {
      this.contradictions.push(
        `version ${told.version} was told as ${JSON.stringify(before)} and ${JSON.stringify(told)}`,
      );
    }
    this.changes.set(told.version, told);
    if (told.version >= (this.reservations.get(told.id)?.version ?? 0)) this.reservations.set(told.id, told);
    return told;
  }

  /** Units that may have been kept for late payments between two instants: which of them were told to come again is not known. */
  promisedUnits(from: number, to: number): number {
    const overlapping = this.latePayments.filter((payment) => payment.from <= to && payment.to >= from);
    return overlapping.reduce((sum, { units }) => sum + units, 0);
  }

  /** A reserve was refused; `isSure`: for a reason that is the SKU's, and not told before. */
  refuse({ code, state }: Problem, isSure = true): void {
    if (code === "rate-limited" || code === "not-found") return;
    const reason = code === "insufficient-stock" ? String(state) : code;
    const { least, most } = this.refused.get(reason) ?? { least: 0, most: 0 };
    this.refused.set(reason, { least: least + (isSure ? 1 : 0), most: most + 1 });
  }

  /** A call with a key is about to be made. */
  useKey(key: string): void {
    const use = this.keys.get(key) ?? { calls: 0, versions: [], replays: 0 };
    this.keys.set(key, { ...use, calls: use.calls + 1 });
  }

  /** A call with a key was accepted. */
  keyAccepted(key: string, { replayed, body }: Accepted<Reservation>): void {
    const use = this.keys.get(key);
    if (use === undefined) throw new Error("this key was never used");
    use.versions.push(body.version);
    if (replayed) use.replays += 1;
  }
}
