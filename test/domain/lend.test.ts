import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/domain/model.ts";
import { refusalOf, Sale, START, verdictOf } from "./sale.ts";

const POLICY: Partial<Policy> = { holdTtlSeconds: 10, maxHoldSeconds: 60, lateConfirmSeconds: 1000 };
const SERVICE = { actor: { role: "service" as const } };

describe("what is lent", () => {
  const RESCUE = "sku/other/late";
  const TO = { name: RESCUE, sku: "other", id: "late", serial: 1 };

  function lent(): { sale: Sale; id: string } {
    const sale = new Sale(1, POLICY);
    const { id } = sale.hold();
    sale.at(4).run({ type: "lend", id, to: TO }, SERVICE);
    return { sale, id };
  }

  it("[CNF16] does not die, and answers nothing until the late payment is decided", () => {
    const { sale, id } = lent();
    sale.at(15).object.wake();
    expect(sale.kept(id).status).toBe("held");
    for (const outcome of [sale.confirm(id), sale.extend(id), sale.release(id)]) {
      expect(refusalOf(outcome)).toEqual({ code: "overloaded" });
    }
  });

  it.each([
    { seconds: 5, expiresAt: 10 },
    { seconds: 9.999, expiresAt: 10 },
    { seconds: 10, expiresAt: 16 },
    { seconds: 70, expiresAt: 76 },
  ])("[CNF16] is as it was when it is given back after $seconds s", ({ seconds, expiresAt }) => {
    const { sale, id } = lent();
    sale.at(seconds).run({ type: "restore", id, rescue: RESCUE }, SERVICE);
    expect(sale.kept(id)).toMatchObject({ status: "held", lentTo: null, lockedUntil: null });
    expect(sale.kept(id).expiresAt).toBe(START + expiresAt * 1000);
  });

  it("[CNF16] gives its units back when it has given way", () => {
    const { sale, id } = lent();
    sale.run({ type: "supersede", id, rescue: RESCUE }, SERVICE);
    expect(sale.kept(id)).toMatchObject({ status: "released", superseded: true });
    expect(sale.counts()).toEqual({ stock: 1, held: 0, sold: 0 });
  });

  it("[CNF16] is lent to one late payment only, and each message may come twice", () => {
    const { sale, id } = lent();
    expect(sale.typesOf(() => sale.run({ type: "lend", id, to: TO }, SERVICE))).toEqual([]);
    expect(verdictOf(sale.run({ type: "lend", id, to: { ...TO, name: "sku/other/else" } }, SERVICE))).toBe(
      "overloaded",
    );
    expect(sale.typesOf(() => sale.run({ type: "supersede", id, rescue: "sku/other/else" }, SERVICE))).toEqual([]);
    sale.run({ type: "restore", id, rescue: RESCUE }, SERVICE);
    expect(sale.typesOf(() => sale.run({ type: "restore", id, rescue: RESCUE }, SERVICE))).toEqual([]);
  });

  it("[CNF16] an offer that is lent cannot be declined", () => {
    const sale = new Sale(1, POLICY);
    const other = sale.hold({ customer: "bob" });
    sale.run({ type: "join", entry: "e1", customer: "ann", quantity: 1, offer: "o1" });
    sale.release(other.id);
    const id = sale.object.entries.get("e1")?.reservation ?? "";
    sale.run({ type: "lend", id, to: TO }, SERVICE);
    expect(verdictOf(sale.run({ type: "leave", entry: "e1" }))).toBe("overloaded");
  });
});
