import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claim, type Counted, claim, claimOf, type Grant, report, verdictOf } from "../../src/domain/allowance.ts";
import type { Command } from "../../src/domain/command.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { liveUnits } from "../../src/domain/stock.ts";
import { noticesOf } from "../../src/events/notices.ts";
import { MemoryObject } from "./memory-object.ts";
import { only, request, START } from "./sale.ts";

/** What one customer has of a drop, as its Shopper object keeps it. */
class Shopper {
  readonly counted = new Map<string, Counted>();

  claim(wanted: Partial<Claim> & { id: string }): Grant {
    const { grant, record } = claim(this.counted, { sku: "a", units: 1, version: 1, limit: 2, ...wanted });
    if (record) this.counted.set(record.id, record);
    return grant;
  }

  report(news: Partial<Counted> & { id: string }): void {
    const record = report(this.counted, { sku: "a", units: 0, version: 2, ...news });
    if (record) this.counted.set(record.id, record);
  }

  get units(): number {
    return [...this.counted.values()].reduce((sum, { units }) => sum + units, 0);
  }
}

describe("a limit over the SKUs of a drop", () => {
  it("[ALW1] grants up to the limit, and says what is used and left", () => {
    const shopper = new Shopper();
    expect(shopper.claim({ id: "one" })).toEqual({ granted: true });
    expect(shopper.claim({ id: "two", units: 2 })).toEqual({
      granted: false,
      refusal: { code: "limit-exceeded", limit: 2, used: 1, remaining: 1, scope: "drop" },
    });
    expect(shopper.claim({ id: "three", sku: "b" })).toEqual({ granted: true });
    expect(shopper.units).toBe(2);
  });

  it("[ALW2] counts a claim once however often it is made, and a refused one never", () => {
    const shopper = new Shopper();
    for (let again = 0; again < 3; again++) expect(shopper.claim({ id: "one", units: 2 })).toEqual({ granted: true });
    for (let again = 0; again < 3; again++) expect(shopper.claim({ id: "two" }).granted).toBe(false);
    expect(shopper.units).toBe(2);
  });

  it("[ALW3] frees what has ended, in part or whole, whatever order the news come in", () => {
    const shopper = new Shopper();
    shopper.claim({ id: "one", units: 2 });
    shopper.report({ id: "one", units: 0, version: 4 });
    shopper.report({ id: "one", units: 1, version: 3 });
    expect(shopper.units).toBe(0);
  });

  it("[ALW3] grants nothing to what has ended, however late it asks", () => {
    const shopper = new Shopper();
    shopper.report({ id: "one", version: 2 });
    expect(shopper.claim({ id: "one", version: 1 })).toEqual({ granted: false, refusal: null });
    expect(shopper.units).toBe(0);
    expect(verdictOf({ granted: false, refusal: null })).toEqual({ granted: true });
  });

  it("[ALW4] lets a late payment claim anew what had ended", () => {
    const shopper = new Shopper();
    shopper.claim({ id: "one" });
    shopper.report({ id: "one", version: 3 });
    expect(shopper.claim({ id: "one", version: 5 })).toEqual({ granted: true });
    expect(shopper.units).toBe(1);
  });
});

type Sent = { kind: "claim"; sku: string; claim: Claim; of: "reserve" | "confirm" } | { kind: "report"; news: Counted };

const SKUS = ["a", "b", "c"];
const LIMIT = 2;

/** SKUs of a drop and the one who counts, with every message on the way for as long as the test likes. */
class Protocol {
  now = START;
  readonly shopper = new Shopper();
  readonly skus = new Map(SKUS.map((sku) => [sku, new MemoryObject(START)]));
  readonly #way: Sent[] = [];
  readonly #told = new Map<string, number>();
  #ids = 0;

  constructor() {
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit: LIMIT };
    for (const [sku, object] of this.skus) {
      object.execute([request({ type: "create", sku, name: sku, stock: 9, policy: { holdTtlSeconds: 30 } })]);
      object.execute([request({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } })]);
    }
  }

  #object(sku: string): MemoryObject {
    const object = this.skus.get(sku);
    if (object === undefined) throw new Error(`there is no ${sku}`);
    return object;
  }

  reserve(sku: string, quantity: number): void {
    this.#ids += 1;
    const command = { type: "reserve" as const, id: `r${this.#ids}`, customer: "ann", quantity, metadata: {} };
    this.#run(sku, command, "reserve");
  }

  /** A try of a claim, or of a payment that is late, sets out to be granted. */
  #run(sku: string, command: Command, of: "reserve" | "confirm"): void {
    const outcome = only(this.#object(sku).execute([request(command)]));
    if (!outcome.ok || outcome.type !== "try") return;
    this.#way.push({ kind: "claim", sku, claim: claimOf(outcome.reservation, LIMIT), of });
  }

  act(pick: number, type: "release" | "confirm"): void {
    const all = this.#all;
    const one = all[pick % Math.max(1, all.length)];
    if (one) this.#run(one.sku, { type, id: one.id }, "confirm");
  }

  pass(ms: number): void {
    this.now += ms;
    for (const object of this.skus.values()) {
      object.now = this.now;
      object.wake();
    }
  }

  /** What the SKUs have to tell goes on its way. */
  tell(): void {
    for (const [name, { sku, events }] of this.skus) {
      if (sku === null) continue;
      for (const notice of noticesOf(sku, events.slice(this.#told.get(name) ?? 0))) {
        if (notice.to === "shopper") this.#way.push({ kind: "report", news: notice.news });
      }
      this.#told.set(name, events.length);
    }
  }

  /** One message arrives; it may arrive again later, or a claim and its answer be lost for good. */
  arrive(pick: number, fate: "once" | "again" | "lost"): void {
    const index = pick % Math.max(1, this.#way.length);
    const sent = this.#way[index];
    if (sent === undefined) return;
    const isLost = fate === "lost" && sent.kind === "claim";
    if (fate !== "again") this.#way.splice(index, 1);
    if (isLost) return;
    if (sent.kind === "report") {
      this.shopper.report(sent.news);
      return;
    }
    const verdict = verdictOf(this.shopper.claim(sent.claim));
    const { id, version } = sent.claim;
    const settle = { type: "settle" as const, id, version, of: sent.of, ...verdict };
    this.#object(sent.sku).execute([request(settle, { actor: { role: "service" } })]);
  }

  get isQuiet(): boolean {
    return this.#way.length === 0;
  }

  /** Units that the customer was told it has. */
  get told(): number {
    return this.#sum((attempt) => attempt === null);
  }

  get live(): number {
    return this.#sum(() => true);
  }

  /** What has become of every reservation. */
  get ends(): string[] {
    return this.#all.map(({ status, rescued, refunds }) => {
      if (refunds.length > 0) return "refunded";
      return rescued ? "rescued" : status;
    });
  }

  get #all(): Reservation[] {
    return [...this.skus.values()].flatMap((object) => [...object.reservations.values()]);
  }

  #sum(isWanted: (attempt: unknown) => boolean): number {
    return this.#all.filter(({ attempt }) => isWanted(attempt)).reduce((sum, one) => sum + liveUnits(one, this.now), 0);
  }
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant("reserve" as const), fc.constantFrom(...SKUS), fc.constantFrom(1, 2)) },
  {
    weight: 10,
    arbitrary: fc.tuple(
      fc.constant("arrive" as const),
      fc.nat(9),
      fc.constantFrom("once" as const, "again" as const, "lost" as const),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constant("act" as const),
      fc.nat(20),
      fc.constantFrom("release" as const, "confirm" as const),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant("pass" as const), fc.constantFrom(500, 5_000, 31_000)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("tell" as const)) },
);

describe("claims of one customer in several SKUs at once, on a bad network", () => {
  it("[ALW5] never pass the limit together, and leak nothing", () => {
    let most = 0;
    const ends = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: "max" }), (steps) => {
        const protocol = new Protocol();
        for (const one of steps) {
          if (one[0] === "reserve") protocol.reserve(one[1], one[2]);
          else if (one[0] === "arrive") protocol.arrive(one[1], one[2]);
          else if (one[0] === "act") protocol.act(one[1], one[2]);
          else if (one[0] === "pass") protocol.pass(one[1]);
          else protocol.tell();
          expect(protocol.told).toBeLessThanOrEqual(LIMIT);
          most = Math.max(most, protocol.told);
        }
        protocol.pass(10_000);
        protocol.tell();
        while (!protocol.isQuiet) protocol.arrive(0, "once");
        expect(protocol.shopper.units).toBe(protocol.live);
        for (const end of protocol.ends) ends.add(end);
      }),
      { numRuns: 300 },
    );
    expect(most).toBe(LIMIT);
    expect(ends).toEqual(new Set(["held", "confirmed", "rescued", "refunded", "released", "expired"]));
  });
});
