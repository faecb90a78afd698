import type { z } from "zod";
import type { Refusal } from "../domain/command.ts";
import type { Policy, Reservation, SkuEvent, SkuView, StockLevel } from "../domain/model.ts";
import type { movementView } from "./page.ts";
import { PROBLEMS, type Problem, type ProblemCode } from "./problems.ts";
import type { reservationView, stockView } from "./reservation.ts";
import type { policyView, publicSku, trustedSku } from "./sku.ts";

/** Who reads: storefronts and admins see every count, the public sees `available` cut to the display cap. */
export type Audience = "trusted" | "public";

/** Milliseconds as RFC 3339 in UTC. */
export function instantToWire(time: number): string {
  return new Date(time).toISOString();
}

function maybeInstant(time: number | null): string | null {
  return time === null ? null : instantToWire(time);
}

/** Cuts a count for the public: `capped` is there only when there is more than `available` says. */
export function cutForPublic(
  available: number,
  displayCap: number | null,
  audience: Audience,
): { available: number; capped?: true } {
  if (audience === "trusted" || displayCap === null || available <= displayCap) return { available };
  return { available: displayCap, capped: true };
}

function policyToWire(policy: Policy): z.infer<typeof policyView> {
  return { ...policy, opensAt: maybeInstant(policy.opensAt), closesAt: maybeInstant(policy.closesAt) };
}

/** The SKU for one audience. The public gets no `stock`, `held` or `sold`. */
export function skuToWire(view: SkuView, audience: Audience): z.infer<typeof publicSku> | z.infer<typeof trustedSku> {
  const { sku, name, drop, state, low, version, revision } = view;
  const counts = audience === "trusted" ? { stock: view.stock, held: view.held, sold: view.sold } : {};
  return {
    sku,
    name,
    drop,
    state,
    ...cutForPublic(view.available, view.policy.displayCap, audience),
    ...counts,
    waiting: 0,
    low,
    policy: policyToWire(view.policy),
    version,
    revision,
    updatedAt: instantToWire(view.updatedAt),
  };
}

/** A reservation for its holder, a storefront or an admin: they all see the same. */
export function reservationToWire(reservation: Reservation): z.infer<typeof reservationView> {
  const { refundRequired: _internal, createdAt, expiresAt, extendableUntil, ...rest } = reservation;
  return {
    ...rest,
    createdAt: instantToWire(createdAt),
    expiresAt: instantToWire(expiresAt),
    extendableUntil: instantToWire(extendableUntil),
  };
}

/** The level of stock for one audience. */
export function stockToWire(level: StockLevel, audience: Audience): z.infer<typeof stockView> {
  return { state: level.state, ...cutForPublic(level.available, level.displayCap, audience), low: level.low };
}

/** A problem document. `detail` is for people, the further members for programs. */
export function problem(code: ProblemCode, detail?: string, members: Record<string, unknown> = {}): Problem {
  const { title, status, meaning } = PROBLEMS[code];
  return { type: `/problems/${code}`, title, status, detail: detail ?? meaning, code, ...members };
}

/** A refusal as the caller is shown it, with the members that its code promises. */
export function refusalToWire(refusal: Refusal, audience: Audience): Problem {
  switch (refusal.code) {
    case "insufficient-stock": {
      const cut = cutForPublic(refusal.available, refusal.displayCap, audience);
      return problem(refusal.code, undefined, { ...cut, state: refusal.state });
    }
    case "not-open":
      return problem(refusal.code, undefined, { opensAt: instantToWire(refusal.opensAt) });
    case "extension-limit":
      return problem(refusal.code, undefined, { extendableUntil: instantToWire(refusal.extendableUntil) });
    case "invalid-request":
      return problem(refusal.code, refusal.detail);
    default: {
      const { code, ...members } = refusal;
      return problem(code, undefined, members);
    }
  }
}

/** An event with what it moved. The reservation in `data` is its state right after the event. */
export function eventToWire(sku: string, event: SkuEvent): z.infer<typeof movementView> {
  const { sequence, type, time, dStock, dHeld, dSold, reservation, detail } = event;
  const stream = `sku/${sku}`;
  const data = { ...detailToWire(detail), ...(reservation ? { reservation: reservationToWire(reservation) } : {}) };
  return {
    id: `${stream}:${sequence}`,
    stream,
    sku,
    sequence,
    type,
    time: instantToWire(time),
    dStock,
    dHeld,
    dSold,
    data,
  };
}

function detailToWire(detail: SkuEvent["detail"]): Record<string, unknown> {
  if (detail === null || !("policy" in detail)) return detail ?? {};
  return { ...detail, policy: policyToWire(detail.policy as Policy) };
}
