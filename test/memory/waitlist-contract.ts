import { expect } from "vitest";
import { entry, type Opened } from "./contract-case.ts";

const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);

/** What the waitlist of a SKU promises. */
export const waitlistContract: Record<string, (opened: Opened) => void> = {
  "keeps all of an entry, and saves what can change": ({ stores: { waitlist } }) => {
    const offered = entry({ status: "offered", reservation: "r1", offerExpiresAt: 7, version: 3 });
    waitlist.add(offered);
    expect(waitlist.entries("shoe", ["e1", "e1", "e9"])).toEqual([offered]);
    waitlist.save(entry({ customer: "bob", quantity: 9, rank: 9, createdAt: 1, status: "withdrawn", reason: "left" }));
    expect(waitlist.entries("shoe", ["e1"])).toEqual([entry({ status: "withdrawn", reason: "left" })]);
    waitlist.save(entry({ id: "e9" }));
    expect(waitlist.entries("shoe", ["e9"])).toEqual([]);
    expect(waitlist.entries("shoe", [])).toEqual([]);
  },
  "has one active entry for a customer, and each id and rank once": ({ stores: { waitlist } }) => {
    waitlist.add(entry({}));
    expect(() => waitlist.add(entry({ rank: 2, customer: "bob" }))).toThrow();
    expect(() => waitlist.add(entry({ id: "e2", customer: "bob" }))).toThrow();
    expect(() => waitlist.add(entry({ id: "e2", rank: 2 }))).toThrow();
    expect(() => waitlist.add(entry({ id: "e2", rank: 2, customer: "bob", quantity: 0 }))).toThrow();
    waitlist.save(entry({ status: "lapsed" }));
    waitlist.add(entry({ id: "e2", rank: 2, status: "offered" }));
    expect(() => waitlist.save(entry({ status: "waiting" }))).toThrow();
    expect(ids(waitlist.active("shoe", ["ann", "bob"]))).toEqual(["e2"]);
    expect(waitlist.active("shoe", [])).toEqual([]);
  },
  "has the line in the order of ranks, and tells positions": ({ stores: { waitlist } }) => {
    const line = [
      { id: "e1", rank: 9 },
      { id: "e2", rank: 3, quantity: 3 },
      { id: "e3", rank: 4, reservation: "r1" },
      { id: "e4", rank: 5 },
      { id: "e5", rank: 1, status: "offered" as const },
    ];
    for (const one of line) waitlist.add(entry({ customer: one.id, ...one }));
    expect(ids(waitlist.front("shoe", 9))).toEqual(["e2", "e3", "e4", "e1"]);
    expect(ids(waitlist.front("shoe", 1))).toEqual(["e2"]);
    expect(ids(waitlist.line("shoe", 3, 9))).toEqual(["e2", "e4", "e1"]);
    expect(ids(waitlist.line("shoe", 2, 9))).toEqual(["e4", "e1"]);
    expect(ids(waitlist.line("shoe", 2, 1))).toEqual(["e4"]);
    expect(waitlist.line("shoe", 0, 9)).toEqual([]);
    expect([2, 3, 5, 9].map((rank) => waitlist.position(rank))).toEqual([0, 1, 3, 4]);
  },
};
