import {
  type Claim,
  type CountedClaim,
  claimAll,
  claimOf,
  type Grant,
  type Known,
  knownOf,
  reportAll,
  verdictOf,
} from "../../src/domain/allowance.ts";
import type { Command } from "../../src/domain/command.ts";
import { closingOf, type Tried } from "../../src/domain/limit-claims.ts";
import type { Reservation } from "../../src/domain/model.ts";
import { liveUnits } from "../../src/domain/stock.ts";
import { noticesOf } from "../../src/events/notices.ts";
import { MemoryObject } from "./memory-object.ts";
import { only, request, START } from "./sale.ts";

/** What customers have of a drop, as its Allowance object keeps it; of ann where nobody is named. */
export class Allowance {
  readonly known: Known = new Map();

  claim(wanted: Partial<Claim> & { id: string }): Grant {
    return only(this.claimAll([wanted]));
  }

  claimAll(wanted: (Partial<Claim> & { id: string })[]): Grant[] {
    const claims = wanted.map((one) => ({ customer: "ann", sku: "a", units: 1, version: 1, limit: 2, ...one }));
    return claimAll(this.known, claims).grants;
  }

  report(news: Partial<CountedClaim> & { id: string }): void {
    reportAll(this.known, [{ customer: "ann", sku: "a", units: 0, version: 2, ...news }]);
  }

  unitsOf(customer: string): number {
    return [...knownOf(this.known, customer).values()].reduce((sum, { units }) => sum + units, 0);
  }

  get units(): number {
    return this.unitsOf("ann");
  }
}

type Sent = { kind: "claim"; tried: Tried } | { kind: "report"; news: CountedClaim };

export const SKUS = ["a", "b", "c"];
export const LIMIT = 2;

/** SKUs of a drop and the one who counts, with every message on the way for as long as the test likes. */
export class Protocol {
  now = START;
  readonly allowance = new Allowance();
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
  #run(sku: string, command: Command, by: "reserve" | "confirm"): void {
    const outcome = only(this.#object(sku).execute([request(command)]));
    if (!outcome.ok || outcome.type !== "try") return;
    const { reservation, limit } = outcome;
    this.#way.push({ kind: "claim", tried: { reservation, limit, by } });
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
        if (notice.to === "allowance") this.#way.push({ kind: "report", news: notice.news });
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
      this.allowance.report(sent.news);
      return;
    }
    const { reservation } = sent.tried;
    const closing = closingOf(sent.tried, verdictOf(this.allowance.claim(claimOf(reservation, LIMIT))));
    if (closing !== null) this.#object(reservation.sku).execute([closing]);
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
