import type { z } from "zod";
import { REFUNDS_SHOWN_MAX } from "../domain/bounds.ts";
import type { Cart, Line } from "../domain/cart.ts";
import type { Refusal } from "../domain/command.ts";
import type { Drop } from "../domain/drop.ts";
import type { Policy, Refund, Reservation, SkuView, StockLevel, WaitlistEntry } from "../domain/model.ts";
import type { cartLine, cartView } from "./cart.ts";
import type { dropView } from "./drop.ts";
import { PROBLEMS, type Problem, type ProblemCode } from "./problems.ts";
import type { RefundView } from "./refund.ts";
import type { reservationView, stockView } from "./reservation.ts";
import type { policyView, publicSku, trustedSku } from "./sku.ts";
import type { entryView } from "./waitlist.ts";

/** Who reads: `trusted` (storefront, admin) sees every count, `public` sees `available` cut to the display cap. */
export type Audience = "trusted" | "public";

/** Milliseconds as RFC 3339 in UTC. */
export function instantToWire(time: number): string {
  return new Date(time).toISOString();
}

/** The same for a time that may be null. */
export function maybeInstant(time: number | null): string | null {
  return time === null ? null : instantToWire(time);
}

/**
 * A stock level for one audience. `low` is false for the public if its threshold is above the cap: it would reveal what
 * the cap hides.
 */
export function levelToWire(
  { available, low, displayCap }: Pick<StockLevel, "available" | "low" | "displayCap">,
  audience: Audience,
): { available: number; capped?: true; low: boolean } {
  const cut = cutForPublic(available, displayCap, audience);
  return { ...cut, low: low && cut.capped !== true };
}

/** Cuts a count for the public: `capped` is present only if there are more than `available` shows. */
export function cutForPublic(
  available: number,
  displayCap: number | null,
  audience: Audience,
): { available: number; capped?: true } {
  if (audience === "trusted" || displayCap === null || available <= displayCap) return { available };
  return { available: displayCap, capped: true };
}

/** A policy. */
export function policyToWire(policy: Policy): z.infer<typeof policyView> {
  return { ...policy, opensAt: maybeInstant(policy.opensAt), closesAt: maybeInstant(policy.closesAt) };
}

/** The SKU for one audience. The public gets no `stock`, `held` or `sold`. */
export function skuToWire(view: SkuView, audience: Audience): z.infer<typeof publicSku> | z.infer<typeof trustedSku> {
  const { sku, name, drop, state, available, low, policy, version, revision } = view;
  const counts = audience === "trusted" ? { stock: view.stock, held: view.held, sold: view.sold } : {};
  return {
    sku,
    name,
    drop,
    state,
    ...levelToWire({ available, low, displayCap: policy.displayCap }, audience),
    ...counts,
    waiting: view.waiting,
    policy: policyToWire(policy),
    version,
    revision,
    updatedAt: instantToWire(view.updatedAt),
  };
}

/** A reservation. Its holder, storefronts and admins see the same. */
export function reservationToWire(reservation: Reservation): z.infer<typeof reservationView> {
  const { createdAt, expiresAt, extendableUntil, metadata, ...rest } = reservation;
  const {
    refunds,
    attempt,
    lockedUntil: _lock,
    countedBy: _allowance,
    entry: _entry,
    lentTo: _lentTo,
    lenders: _lenders,
    superseded: _superseded,
    ...told
  } = rest;
  return {
    ...told,
    // The try of a late payment holds only the units that its customer's other claims do not give.
    quantity: attempt?.purpose === "rescue" ? attempt.quantity : told.quantity,
    refunds: refundsToWire(refunds),
    createdAt: instantToWire(createdAt),
    // The end of a late payment's try is internal: the hold keeps the end that it had.
    expiresAt: instantToWire(attempt?.purpose === "rescue" ? attempt.lapsedAt : expiresAt),
    extendableUntil: instantToWire(extendableUntil),
    // Metadata is stored apart from the answer; in this place a repeated answer is byte for byte the same.
    metadata,
  };
}

/** The newest of the refunds that are due. */
function refundsToWire(refunds: readonly Refund[]): RefundView[] {
  return refunds.slice(0, REFUNDS_SHOWN_MAX).map(({ orderId, quantity, at }) => ({
    orderId,
    quantity,
    at: instantToWire(at),
  }));
}

/** A waitlist entry; only the object knows `position`. */
export function entryToWire(entry: WaitlistEntry, position: number | null): z.infer<typeof entryView> {
  const { rank: _rank, version: _version, createdAt, offerExpiresAt, reservation, ...rest } = entry;
  return {
    ...rest,
    position,
    // While it waits, this is the try for its offer, which may still be cancelled.
    reservation: entry.status === "waiting" ? null : reservation,
    offerExpiresAt: maybeInstant(offerExpiresAt),
    createdAt: instantToWire(createdAt),
  };
}

/** A cart with its lines. */
export function cartToWire(cart: Cart, audience: Audience): z.infer<typeof cartView> {
  const { id, customer, mode, status, createdAt, expiresAt, extendableUntil, orderId, rescued, version } = cart;
  return {
    id,
    customer,
    mode,
    status,
    createdAt: instantToWire(createdAt),
    expiresAt: maybeInstant(expiresAt),
    extendableUntil: maybeInstant(extendableUntil),
    orderId: status === "confirmed" || status === "confirming" ? orderId : null,
    rescued,
    refunds: refundsToWire(cart.refunds),
    lines: cart.lines.map((line) => lineToWire(line, cart, audience)),
    version,
  };
}

/** A line of a cart: its state, and the problem if it was not held. */
export function lineToWire(line: Line, cart: Cart, audience: Audience): z.infer<typeof cartLine> {
  const { sku, quantity, reservation, refusal } = line;
  const status = lineStatus(line, cart);
  const isHeld = status !== "refused" && status !== "pending" && cart.version > 0;
  const problem = status === "refused" && refusal !== null ? refusalToWire(refusal, audience) : null;
  return { sku, quantity, status, reservation: isHeld ? reservation : null, problem };
}

function lineStatus({ state, refusal }: Line, cart: Cart): z.infer<typeof cartLine>["status"] {
  switch (state) {
    case "refused":
    case "denied":
      return "refused";
    case "new":
    case "tried":
      return cart.version > 0 ? "expired" : "pending";
    case "gone":
      return cart.version === 0 && refusal !== null ? "refused" : "released";
    case "confirmed":
      return "confirmed";
    case "held":
    case "locked":
      return cart.status === "released" || cart.status === "expired" ? cart.status : "held";
  }
}

/** A drop. */
export function dropToWire(drop: Drop): z.infer<typeof dropView> {
  const { name, skus, perCustomerLimit, paused, revision } = drop;
  return {
    drop: drop.drop,
    name,
    skus,
    opensAt: maybeInstant(drop.opensAt),
    closesAt: maybeInstant(drop.closesAt),
    perCustomerLimit,
    paused,
    revision,
    updatedAt: instantToWire(drop.updatedAt),
  };
}

/** The level of stock for one audience. */
export function stockToWire(level: StockLevel, audience: Audience): z.infer<typeof stockView> {
  return { state: level.state, ...levelToWire(level, audience) };
}

/** A problem document. `detail` is for people; programs use the other members. */
export function problem(code: ProblemCode, detail?: string, members: Record<string, unknown> = {}): Problem {
  const { title, status, meaning } = PROBLEMS[code];
  return { type: `/problems/${code}`, title, status, detail: detail ?? meaning, code, ...members };
}

/** A refusal for one audience, with the members that its code promises. */
export function refusalToWire(refusal: Refusal, audience: Audience): Problem {
  switch (refusal.code) {
    case "insufficient-stock": {
      const cut = cutForPublic(refusal.available, refusal.displayCap, audience);
      return problem(refusal.code, undefined, { ...cut, state: refusal.state });
    }
    case "stock-available":
      return problem(refusal.code, undefined, cutForPublic(refusal.available, refusal.displayCap, audience));
    case "not-open":
      return problem(refusal.code, undefined, { opensAt: instantToWire(refusal.opensAt) });
    case "extension-limit":
      return problem(refusal.code, undefined, { extendableUntil: instantToWire(refusal.extendableUntil) });
    case "too-many-secrets":
      return problem(refusal.code, undefined, {
        limit: refusal.limit,
        oldestValidUntil: instantToWire(refusal.oldestValidUntil),
      });
    case "invalid-request":
      return problem(refusal.code, refusal.detail);
    case "overloaded":
      return problem(refusal.code);
    case "already-confirmed":
    case "already-released":
    case "already-waiting":
    case "closed":
    case "drop-exists":
    case "drop-in-use":
    case "hold-expired":
    case "idempotency-key-reused":
    case "limit-exceeded":
    case "not-confirmed":
    case "not-found":
    case "nothing-to-return":
    case "part-of-cart":
    case "paused":
    case "sku-exists":
    case "stock-in-use":
    case "too-many-webhooks":
    case "unavailable":
    case "version-mismatch":
    case "webhook-stopped": {
      const { code, ...members } = refusal;
      return problem(code, undefined, members);
    }
  }
}
