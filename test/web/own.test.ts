import { describe, expect, it } from "vitest";
import type { Reservation } from "../../src/client/client.ts";
import { cartIn, type OwnBySku, ownAfter } from "../../src/web/shop/own.ts";

const line = (members: Partial<Reservation>) =>
  ({ id: "r", sku: "a", status: "held", cart: "c", createdAt: "2026-01-01T00:00:00Z", ...members }) as Reservation;

describe("what is the visitor's", () => {
  it("follows news of reservations", () => {
    const held = ownAfter({}, { type: "reservation", event: "held", reservation: line({}) });
    expect(cartIn(held)).toBe("c");
    const ended = ownAfter(held, { type: "reservation", event: "expired", reservation: line({ status: "expired" }) });
    expect(cartIn(ended)).toBeNull();
    expect(ended.a?.reservations).toHaveLength(1);
  });

  it("is the newest cart of several", () => {
    const reservations = [line({}), line({ id: "s", cart: "newer", createdAt: "2026-01-02T00:00:00Z" })];
    expect(cartIn({ a: { reservations, place: null } })).toBe("newer");
  });

  it("keeps a place on a waitlist that a snapshot has no word of any more", () => {
    const own: OwnBySku = { a: { reservations: [], place: "e" } };
    const after = ownAfter(own, { type: "snapshot", sku: "a", reservations: [], waitlist: null });
    expect(after.a?.place).toBe("e");
  });
});
