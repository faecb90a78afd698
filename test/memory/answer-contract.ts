import { expect } from "vitest";
import { RETENTION_ROWS_MAX } from "../../src/domain/bounds.ts";
import type { Outcome } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import type { Stores } from "../../src/objects/sku/stores.ts";
import { entry, event, type Opened, reservation, T0 } from "./contract-case.ts";

const stock = { state: "open" as const, available: 1, low: false, displayCap: null };
const about = (one: Reservation): Outcome => ({ ok: true, type: "reservation", reservation: one, stock });
const answerTo = ({ answers }: Stores, key: string) => answers.of([key]).get(key);

/** What is kept of keys and of what customers let go of promises, and how all of it leaves. */
export const answerContract: Record<string, (opened: Opened) => void> = {
  "answers keys that it knows, with the newest answer": ({ stores }) => {
    const { answers } = stores;
    expect(answers.of(["k1", "k2"])).toEqual(new Map());
    answers.save("k1", { content: "a", outcome: { ok: true, type: "done" } }, 3, T0);
    answers.save("k2", { content: "b", outcome: { ok: true, type: "entry", entry: entry({}), position: 2 } }, 3, T0);
    expect([...answers.of(["k1", "k2", "k1", "k9"]).keys()].toSorted()).toEqual(["k1", "k2"]);
    answers.save("k1", { content: "c", outcome: { ok: true, type: "entry", entry: entry({}), position: 1 } }, 4, T0);
    expect(answerTo(stores, "k1")).toEqual({
      content: "c",
      outcome: { ok: true, type: "entry", entry: entry({}), position: 1 },
    });
    answers.remove("k1");
    answers.remove("k9");
    expect([answerTo(stores, "k1"), answerTo(stores, "k2")?.content]).toEqual([undefined, "b"]);
  },
  "answers with the reservation as its event left it, and with the metadata that it has": ({ stores }) => {
    const then = reservation({ version: 4, metadata: { gift: "yes" } });
    stores.sku.addReservation(reservation({ metadata: { gift: "yes" }, version: 9, status: "released" }));
    stores.sku.addEvent(event({ sequence: 4, type: "reservation.extended", reservation: then }));
    stores.answers.save("k", { content: "a", outcome: about(then) }, 7, T0);
    expect(answerTo(stores, "k")).toEqual({ content: "a", outcome: about(then) });
    stores.sku.removeReservation("r1");
    expect(answerTo(stores, "k")?.outcome).toEqual(about({ ...then, metadata: {} }));
  },
  "keeps the parts of a batch whole, but for metadata": ({ stores }) => {
    const then = reservation({ version: 4, metadata: { gift: "yes" } });
    stores.sku.addReservation(then);
    const gone = reservation({ id: "r9", version: 3, metadata: { gift: "no" } });
    const batch = (...outcomes: Outcome[]): Outcome => ({ ok: true, type: "batch", outcomes, commands: [] });
    const no: Outcome = { ok: false, refusal: { code: "paused" } };
    stores.answers.save("k", { content: "a", outcome: batch(about(then), no, about(gone)) }, 7, T0);
    expect(answerTo(stores, "k")?.outcome).toEqual(batch(about(then), no, about({ ...gone, metadata: {} })));
  },
  "finds it wrong that an answer has outlived its event": ({ stores }) => {
    stores.answers.save("k", { content: "a", outcome: about(reservation({ version: 4 })) }, 7, T0);
    expect(() => answerTo(stores, "k")).toThrow("the event of this answer is missing");
  },
  "remembers what customers let go of": ({ stores: { abandons } }) => {
    abandons.save("ann", { since: T0, count: 2 });
    abandons.save("ann", { since: T0 + 1, count: 3 });
    expect(abandons.of(["ann", "bob"])).toEqual(
      new Map([
        ["ann", { since: T0 + 1, count: 3 }],
        ["bob", null],
      ]),
    );
    expect(abandons.of([])).toEqual(new Map());
  },
  "forgets what was let go of with its events": ({ stores }) => {
    const { abandons, sku } = stores;
    sku.addEvent(event({ sequence: 1, reservation: reservation({ customer: "ann" }) }));
    sku.addEvent(event({ sequence: 2, entry: entry({ customer: "bob" }) }));
    sku.addEvent(event({ sequence: 3, reservation: reservation({ customer: "cid" }) }));
    for (const customer of ["ann", "bob", "cid", "dan"]) abandons.save(customer, { since: T0, count: 1 });
    abandons.retire(2, T0);
    expect([...abandons.of(["ann", "bob"]).values()]).not.toContain(null);
    abandons.retire(2, T0 + 1);
    const left = [...abandons.of(["ann", "bob", "cid", "dan"])].filter(([, one]) => one !== null);
    expect(left.map(([customer]) => customer)).toEqual(["cid", "dan"]);
  },
  "removes what is old and recorded, and what hangs on it": ({ stores }) => {
    const { sku, waitlist, answers, abandons } = stores;
    const ended = { r1: "released", r2: "held", r3: "expired", r4: "released" } as const;
    for (const [index, [id, status]] of Object.entries(ended).entries()) {
      const one = reservation({ id, status, customer: id, version: index + 1 });
      sku.addReservation(id === "r3" ? { ...one, version: 9 } : one);
      waitlist.add(
        entry({ id: `e${index}`, rank: index + 1, customer: id, status: id === "r2" ? "waiting" : "lapsed" }),
      );
      sku.addEvent(
        event({ sequence: index + 1, time: T0 + index, reservation: one, entry: entry({ id: `e${index}` }) }),
      );
      answers.save(id, { content: "a", outcome: { ok: true, type: "done" } }, index + 1, T0);
      abandons.save(id, { since: T0, count: 1 });
    }
    expect([sku.retire(T0, 9, T0 + 60_000), sku.retire(T0 + 9, 0, T0 + 60_000)]).toEqual([0, 0]);
    expect(sku.retire(T0 + 9, 3, T0 + 60_000)).toBe(3);
    // The second is still held, the third has changed since, and the fourth is not recorded.
    expect(
      sku
        .reservations("shoe", Object.keys(ended))
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(["r2", "r3", "r4"]);
    const places = waitlist.entries("shoe", ["e0", "e1", "e2", "e3"]).map(({ id }) => id);
    expect(places.toSorted()).toEqual(["e1", "e3"]);
    expect([...answers.of(Object.keys(ended)).keys()]).toEqual(["r4"]);
    expect([...abandons.of(Object.keys(ended))].flatMap(([id, one]) => (one === null ? [] : id))).toEqual(["r4"]);
    expect([sku.eventAt(3), sku.eventAt(4)]).toEqual([null, T0 + 3]);
  },
  "removes no more than one portion, and stops at what is young": ({ stores: { sku } }) => {
    const count = RETENTION_ROWS_MAX + 3;
    for (let sequence = 1; sequence <= count; sequence++) sku.addEvent(event({ sequence, time: T0 }));
    sku.addEvent(event({ sequence: count + 1, time: T0 + 10 }));
    sku.addEvent(event({ sequence: count + 2, time: T0 }));
    const now = T0 + 60_000;
    const retire = () => sku.retire(T0 + 10, count + 2, now);
    expect([retire(), retire(), retire()]).toEqual([RETENTION_ROWS_MAX, 3, 0]);
    expect(sku.eventAt(count + 1)).toBe(T0 + 10);
  },
  "takes an event of a time to come for as old as those after it": ({ stores: { sku } }) => {
    sku.addEvent(event({ sequence: 1, time: T0 + 90_000 }));
    sku.addEvent(event({ sequence: 2, time: T0 }));
    expect(sku.retire(T0 + 1, 2, T0 + 60_000)).toBe(2);
    expect(sku.oldestEventAt()).toBeNull();
  },
};
