import { allowanceName } from "../../src/domain/allowance.ts";
import { ALLOWANCE_OBJECTS } from "../../src/domain/bounds.ts";
import type { Actor, Command, Outcome, Refusal, Request } from "../../src/domain/command.ts";
import type { EventType, Policy, Reservation, SkuEvent, SkuView, StockLevel } from "../../src/domain/model.ts";
import { MemoryObject } from "./memory-object.ts";

/** The instant at which every sale of these tests is created. */
export const START = 1_800_000_000_000;

/** For stories in which nobody has to let others go first, because they are about other rules. */
export const NO_TURNS = { abandonsPerHour: 1_000_000, reholdSeconds: 0 };

export const STOREFRONT: Actor = { role: "storefront" };
export const ADMIN: Actor = { role: "admin" };

export function shopper(customer: string): Actor {
  return { role: "shopper", customer };
}

type ReserveWish = { customer?: string; quantity?: number; ttlSeconds?: number; actor?: Actor };

/** One SKU with stock, driven by plain calls and a clock that stands still until it is moved. */
export class Sale {
  readonly object: MemoryObject;
  #ids = 0;

  constructor(stock: number, policy: Partial<Policy> = {}, settings: { sweepMax?: number } = {}) {
    this.object = new MemoryObject(START, settings);
    this.object.execute([request({ type: "create", sku: "shoe-42", name: "Shoe 42", stock, policy })]);
  }

  get sku() {
    if (this.object.sku === null) throw new Error("this sale has no SKU");
    return this.object.sku;
  }

  /** Moves the clock to so many seconds after the start. */
  at(seconds: number): this {
    this.object.now = START + Math.round(seconds * 1000);
    return this;
  }

  run(command: Command, extra: Partial<Request> = {}): Outcome {
    return only(this.object.execute([request(command, extra)]));
  }

  /** A reserve with a fresh id, as a command. */
  wish({ customer = "ann", quantity = 1, ttlSeconds }: ReserveWish = {}): Command {
    this.#ids += 1;
    const asked = ttlSeconds === undefined ? {} : { ttlSeconds };
    return { type: "reserve", id: `r${this.#ids}`, customer, quantity, metadata: {}, ...asked };
  }

  reserve(wish: ReserveWish = {}): Outcome {
    return this.run(this.wish(wish), { actor: wish.actor ?? STOREFRONT });
  }

  hold(wish: ReserveWish = {}): Reservation {
    return reservationOf(this.reserve(wish));
  }

  confirm(id: string, members: { quantity?: number; orderId?: string } = {}): Outcome {
    return this.run({ type: "confirm", id, ...members });
  }

  sell(wish: ReserveWish = {}): Reservation {
    return reservationOf(this.confirm(this.hold(wish).id, { orderId: "order-1" }));
  }

  extend(id: string, ttlSeconds?: number, actor: Actor = STOREFRONT): Outcome {
    return this.run({ type: "extend", id, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) }, { actor });
  }

  release(id: string): Outcome {
    return this.run({ type: "release", id });
  }

  giveBack(id: string, quantity?: number, restock = true): Outcome {
    return this.run({ type: "return", id, restock, ...(quantity === undefined ? {} : { quantity }) });
  }

  adjust(delta: number): Outcome {
    return this.run({ type: "adjust", delta, reason: "count" });
  }

  edit(policy: Partial<Policy>): Outcome {
    return this.run({ type: "update", policy });
  }

  kept(id: string): Reservation {
    const reservation = this.object.reservations.get(id);
    if (!reservation) throw new Error(`there is no ${id}`);
    return reservation;
  }

  /** The events that `act` leads to. */
  eventsOf(act: () => void): SkuEvent[] {
    const before = this.object.events.length;
    act();
    return this.object.events.slice(before);
  }

  typesOf(act: () => void): EventType[] {
    return this.eventsOf(act).map(({ type }) => type);
  }

  counts(): { stock: number; held: number; sold: number } {
    const { stock, held, sold } = this.sku;
    return { stock, held, sold };
  }
}

export function request(command: Command, extra: Partial<Request> = {}): Request {
  return { actor: STOREFRONT, key: null, content: JSON.stringify(command), command, ...extra };
}

export function only<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`one expected, ${items.length} found`);
  return item;
}

export function reservationOf(outcome: Outcome | undefined): Reservation {
  if (!outcome?.ok || outcome.type !== "reservation") throw new Error(`no reservation: ${JSON.stringify(outcome)}`);
  return outcome.reservation;
}

export function stockOf(outcome: Outcome | undefined): StockLevel {
  if (!outcome?.ok || outcome.type !== "reservation") throw new Error(`no reservation: ${JSON.stringify(outcome)}`);
  return outcome.stock;
}

export function skuOf(outcome: Outcome | undefined): SkuView {
  if (!outcome?.ok || outcome.type !== "sku") throw new Error(`no SKU: ${JSON.stringify(outcome)}`);
  return outcome.sku;
}

export function partsOf(outcome: Outcome | undefined): Outcome[] {
  if (!outcome?.ok || outcome.type !== "batch") throw new Error(`no batch: ${JSON.stringify(outcome)}`);
  return outcome.outcomes;
}

export function refusalOf(outcome: Outcome | undefined): Refusal {
  if (!outcome || outcome.ok) throw new Error(`not refused: ${JSON.stringify(outcome)}`);
  return outcome.refusal;
}

/** The Allowance object that counts a customer's units in a drop. */
export function allowanceOf(drop: string, customer: string): string {
  return allowanceName({ drop, allowances: ALLOWANCE_OBJECTS }, customer);
}

/** What a table compares: the code of a refusal, or "ok". */
export function verdictOf(outcome: Outcome | undefined): string {
  return outcome?.ok ? "ok" : refusalOf(outcome).code;
}
