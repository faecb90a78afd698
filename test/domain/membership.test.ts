import { describe, expect, it } from "vitest";
import type { DropTerms } from "../../src/domain/model.ts";
import { refusalOf, Sale, START, skuOf, verdictOf } from "./sale.ts";

const SERVICE = { actor: { role: "service" as const } };
const terms = (members: Partial<DropTerms> = {}): DropTerms => ({
  revision: 1,
  opensAt: null,
  closesAt: null,
  paused: false,
  limit: null,
  ...members,
});
const freeze = (sale: Sale, drop = "drop") => sale.run({ type: "freeze", drop }, SERVICE);
const enroll = (sale: Sale, to: DropTerms | null, drop = "drop") =>
  sale.run({ type: "enroll", drop, terms: to }, SERVICE);

describe("joining a drop", () => {
  it("[DRP1] is agreed to while no unit is in use, and nothing is sold until it is decided", () => {
    const sale = new Sale(5);
    expect(skuOf(freeze(sale))).toMatchObject({ drop: "drop", state: "paused" });
    expect(verdictOf(sale.reserve())).toBe("paused");
    expect(skuOf(enroll(sale, terms({ limit: 1 })))).toMatchObject({ drop: "drop", state: "open" });
    expect(sale.sku.membership).toEqual({ ...terms({ limit: 1 }), frozenAt: null });
  });

  it.each([
    { name: "held", act: (sale: Sale) => void sale.hold() },
    { name: "sold", act: (sale: Sale) => void sale.sell() },
  ])("[DRP1] is refused while a unit is $name", ({ act }) => {
    const sale = new Sale(5);
    act(sale);
    expect(refusalOf(freeze(sale))).toEqual({ code: "drop-in-use", sku: "shoe-42" });
    expect(sale.sku.drop).toBeNull();
  });

  it("[DRP1] asked for again is agreed to again, and nothing changes", () => {
    const sale = new Sale(5);
    freeze(sale);
    expect(sale.at(10).typesOf(() => expect(verdictOf(freeze(sale))).toBe("ok"))).toEqual([]);
    expect(sale.sku.membership?.frozenAt).toBe(START);
  });

  it("[DRP1] does not mind dead holds, swept or not", () => {
    const sale = new Sale(5);
    sale.hold();
    expect(verdictOf(sale.at(900) && freeze(sale))).toBe("ok");
  });

  it("[DRP2] is refused for a second drop, and what that says is ignored", () => {
    const sale = new Sale(5);
    freeze(sale);
    enroll(sale, terms());
    expect(refusalOf(freeze(sale, "other"))).toEqual({ code: "drop-in-use", sku: "shoe-42" });
    expect(refusalOf(enroll(sale, terms({ revision: 9 }), "other"))).toEqual({ code: "drop-in-use", sku: "shoe-42" });
    expect(sale.typesOf(() => enroll(sale, null, "other"))).toEqual([]);
    expect(sale.sku.drop).toBe("drop");
  });

  it("[DRP2] that comes to nothing leaves the SKU as it was", () => {
    const sale = new Sale(5);
    freeze(sale);
    enroll(sale, null);
    expect(sale.sku).toMatchObject({ drop: null, membership: null });
    expect(verdictOf(sale.reserve())).toBe("ok");
  });
});

describe("what the drop says", () => {
  function member(members: Partial<DropTerms> = {}, policy = {}): Sale {
    const sale = new Sale(5, policy);
    enroll(sale, terms(members));
    return sale;
  }

  it("[DRP3] counts by revision: an older or the same one changes nothing", () => {
    const sale = member({ revision: 3 });
    expect(sale.typesOf(() => enroll(sale, terms({ revision: 2, paused: true })))).toEqual([]);
    expect(sale.typesOf(() => enroll(sale, terms({ revision: 3, paused: true })))).toEqual([]);
    expect(sale.typesOf(() => enroll(sale, terms({ revision: 4, paused: true })))).toEqual(["sku.updated"]);
    expect(verdictOf(sale.reserve())).toBe("paused");
  });

  it("[DRP3] ends a freeze that came to nothing with the revision that was there", () => {
    const sale = member({ revision: 3, limit: 2 });
    freeze(sale);
    expect(sale.typesOf(() => enroll(sale, terms({ revision: 2 })))).toEqual([]);
    expect(verdictOf(sale.reserve())).toBe("paused");
    enroll(sale, terms({ revision: 3, limit: 2 }));
    expect(sale.sku.membership).toEqual({ ...terms({ revision: 3, limit: 2 }), frozenAt: null });
  });

  it.each([
    { sku: 10, drop: 20, opens: 20 },
    { sku: 20, drop: 10, opens: 20 },
    { sku: null, drop: 10, opens: 10 },
    { sku: 10, drop: null, opens: 10 },
  ])("[DRP4] the later opening counts: SKU $sku, drop $drop", ({ sku, drop, opens }) => {
    const at = (seconds: number | null) => (seconds === null ? null : START + seconds * 1000);
    const sale = member({ opensAt: at(drop) }, { opensAt: at(sku) });
    expect(refusalOf(sale.at(opens - 0.001).reserve())).toMatchObject({
      code: "not-open",
      opensAt: START + opens * 1000,
    });
    expect(sale.at(opens).typesOf(() => sale.reserve())).toEqual(["sale.opened", "reservation.held"]);
  });

  it.each([
    { sku: 10, drop: 20, closes: 10 },
    { sku: 20, drop: 10, closes: 10 },
    { sku: null, drop: 10, closes: 10 },
    { sku: 10, drop: null, closes: 10 },
  ])("[DRP4] the earlier closing counts: SKU $sku, drop $drop", ({ sku, drop, closes }) => {
    const at = (seconds: number | null) => (seconds === null ? null : START + seconds * 1000);
    const sale = member({ closesAt: at(drop) }, { closesAt: at(sku) });
    expect(verdictOf(sale.at(closes - 0.001).reserve())).toBe("ok");
    expect(verdictOf(sale.at(closes).reserve())).toBe("closed");
  });

  it("[DRP4] may put an open sale back to scheduled, and pauses it for as long as it says", () => {
    const sale = member();
    enroll(sale, terms({ revision: 2, opensAt: START + 60_000, paused: true }));
    expect(verdictOf(sale.reserve())).toBe("paused");
    expect(sale.sku.phase).toBe("scheduled");
    enroll(sale, terms({ revision: 3, opensAt: START + 60_000 }));
    expect(verdictOf(sale.reserve())).toBe("not-open");
    expect(sale.at(60).typesOf(() => sale.object.wake())).toEqual(["sale.opened"]);
  });

  it("[DRP4] blocks reserves only: confirming, extending and releasing go on", () => {
    const sale = member();
    const [first, second, third] = [sale.hold(), sale.hold(), sale.hold()];
    enroll(sale, terms({ revision: 2, paused: true }));
    expect(verdictOf(sale.confirm(first.id))).toBe("ok");
    expect(verdictOf(sale.at(10).extend(second.id))).toBe("ok");
    expect(verdictOf(sale.release(third.id))).toBe("ok");
  });

  it("[DRP5] without a limit costs no try", () => {
    expect(member().hold()).toMatchObject({ attempt: null, countedBy: null });
  });
});
