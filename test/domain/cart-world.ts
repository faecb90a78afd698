import {
  claimAll,
  claimOf,
  type Grant,
  type Known,
  knownOf,
  reportAll,
  verdictOf,
} from "../../src/domain/allowance.ts";
import type { Asked } from "../../src/domain/cart.ts";
import { type Cart, fateOf, lapse, openCart, resumed, takeOut, tick } from "../../src/domain/cart.ts";
import { isToBeWritten } from "../../src/domain/cart-events.ts";
import type { CartAnswer, CartMessage } from "../../src/domain/cart-messages.ts";
import { answerTo, requestsOf } from "../../src/domain/cart-messages.ts";
import { tellingsOf } from "../../src/domain/cart-refund.ts";
import { messagesOf, receive } from "../../src/domain/cart-steps.ts";
import { type Outcome, type Request, refused } from "../../src/domain/command.ts";
import { closingOf, answerTo as outcomeTo, pendingIn, type Tried } from "../../src/domain/limit-claims.ts";
import type { Policy, Reservation } from "../../src/domain/model.ts";
import { liveUnits } from "../../src/domain/stock.ts";
import { type Notice, noticesOf } from "../../src/events/notices.ts";
import { askAboutLoan, decideRescue, type Fate, tellLender } from "./loans.ts";
import { MemoryObject } from "./memory-object.ts";
import { only, request, START } from "./sale.ts";

export interface Wanted {
  mode?: Cart["mode"];
  lines: { sku: string; quantity: number }[];
  customer?: string;
}

/** SKUs, the one who counts a limit over them, and carts, with a network and a clock that the test holds in its hand. */
export class CartWorld {
  now = START;
  readonly skus = new Map<string, MemoryObject>();
  readonly carts = new Map<string, Cart>();
  /** Each cart as its object last wrote it. */
  readonly #written = new Map<string, Cart>();
  readonly #wereHeld = new Set<string>();
  /** Lines that their customer gave back by itself. */
  readonly givenBack = new Set<string>();
  /** What customers have of the drop, as its Allowance object counts it. */
  readonly known: Known = new Map();
  readonly #reported = new Map<string, number>();
  /** What SKUs have to tell others, and nobody has heard yet. */
  #news: Notice[] = [];
  readonly late: (() => void)[] = [];
  /** Messages said so far, those of the carts and those of SKUs to the one who counts. */
  steps = 0;
  /** What becomes of the n-th message, from 0, where a SKU says it. */
  claimFate: (step: number) => Fate = () => "fine";

  addSku(sku: string, stock: number, limit: number | null = null, policy: Partial<Policy> = {}): void {
    const object = new MemoryObject(this.now, { offerPrefix: `${sku}-o` });
    this.skus.set(sku, object);
    object.execute([request({ type: "create", sku, name: sku, stock, policy })]);
    if (limit === null) return;
    const terms = { revision: 1, opensAt: null, closesAt: null, paused: false, limit };
    object.execute([request({ type: "enroll", drop: "drop", terms }, { actor: { role: "service" } })]);
  }

  open(id: string, { mode = "all_or_nothing", lines, customer = "ann" }: Wanted): Cart {
    const wanted = { id, customer, role: "storefront" as const, mode, ttlSeconds: null };
    const named = lines.map((line) => ({ ...line, reservation: `${id}-${line.sku}` }));
    return this.keep(openCart(wanted, named, this.now));
  }

  ask(id: string, asking: (cart: Cart) => Asked): Asked {
    const cart = this.cart(id);
    // One that came to nothing is not there for anybody, as its object says.
    if (cart.status === "released" && !this.#wereHeld.has(id))
      return { kind: "refused", refusal: { code: "not-found" } };
    const asked = asking(cart);
    if (asked.kind !== "unchanged" && asked.cart) this.keep(asked.cart);
    return asked;
  }

  /** Its object dies, and with it every answer since the last decision. */
  crash(id: string): void {
    const written = this.#written.get(id);
    // What was never written has set nothing aside, and never was.
    const found = written === undefined ? null : resumed(written);
    this.carts.set(id, structuredClone(found ?? { ...this.cart(id), status: "released", phase: "ended" }));
  }

  /** A copy of the cart as it stands. */
  cart(id: string): Cart {
    const cart = this.carts.get(id);
    if (cart === undefined) throw new Error(`there is no ${id}`);
    return structuredClone(cart);
  }

  /** The next messages of a cart, after what the clock has done to it. */
  messages(id: string): CartMessage[] {
    const cart = this.keep(tick(this.cart(id), this.now));
    return [...messagesOf(cart), ...tellingsOf(cart)];
  }

  /** Says one message and takes the answer in, if one comes. A SKU that has to ask whether a limit allows it does so. */
  say(id: string, message: CartMessage, fate: Fate = "fine"): void {
    this.steps += 1;
    const asked = this.cart(id);
    const effect = () => this.#deliver(asked, message);
    if (fate === "lost" || fate === "dies") return;
    if (fate === "late") {
      this.late.push(effect);
      return;
    }
    const answer = effect();
    const again = fate === "twice" ? effect() : null;
    if (fate === "answer lost") return;
    this.keep(receive(this.cart(id), message, answer, this.now));
    if (again) this.keep(receive(this.cart(id), message, again, this.now));
  }

  /** Goes on until the cart rests or `steps` messages were said; the n-th message, from 0, meets its fate. */
  drive(id: string, fateOf: (step: number) => Fate = () => "fine", stopAt = Number.POSITIVE_INFINITY): void {
    this.claimFate = fateOf;
    for (let rounds = 0; rounds < 400; rounds++) {
      const messages = this.messages(id);
      if (messages.length === 0) return;
      const before = JSON.stringify(this.cart(id));
      for (const message of messages) {
        if (this.steps >= stopAt) return;
        this.say(id, message, fateOf(this.steps));
      }
      // A payment that has to come again waits for what stands in its way.
      if (this.cart(id).phase === "locking" && JSON.stringify(this.cart(id)) === before) this.pass(1_000);
      if (this.cart(id).lines.some(({ contendedAt, state }) => contendedAt !== null && state === "new")) this.pass(50);
    }
    throw new Error(`${id} never comes to rest: ${JSON.stringify(this.cart(id))}`);
  }

  /** Whatever was on its way arrives after all, or one of it. */
  deliverLate(pick?: number): void {
    const late = pick === undefined ? this.late.splice(0) : this.late.splice(pick % Math.max(1, this.late.length), 1);
    for (const effect of late) effect();
  }

  /** What a customer holds by itself is paid. */
  pay(sku: string, customer = "ann", id = `${customer} by itself`, orderId = "other"): Outcome | null {
    return this.call(sku, [request({ type: "confirm", id, orderId })]);
  }

  /** A customer holds a unit of a SKU by itself, as the limit allows. */
  hold(sku: string, customer = "ann", id = `${customer} by itself`): Outcome | null {
    return this.call(sku, [request({ type: "reserve", id, customer, quantity: 1, metadata: {} })]);
  }

  /** A SKU executes requests, whole: it asks others about a try and settles it. Null when nobody hears the answer. */
  call(name: string, requests: Request[]): Outcome | null {
    const sku = this.object(name);
    const outcomes = sku.execute(requests);
    const [pending] = pendingIn(requests, outcomes);
    return pending === undefined ? only(outcomes.slice(-1)) : this.#askAndSettle(sku, pending);
  }

  /** The customer gives one line back by itself. */
  giveBack(sku: string, id: string): void {
    const [outcome] = this.object(sku).execute([request({ type: "release", id })]);
    if (outcome?.ok && outcome.type === "reservation" && outcome.reservation.status === "released") {
      this.givenBack.add(id);
    }
  }

  /** Time passes, and every SKU's alarm rings. */
  pass(ms: number): void {
    this.now += ms;
    for (const object of this.skus.values()) {
      object.now = this.now;
      object.wake();
      this.#askAboutLocks(object);
    }
  }

  /** A SKU asks the carts of lines that are locked for too long, and never decides itself. */
  #askAboutLocks(object: MemoryObject): void {
    for (const { id, cart, lockedUntil, lentTo } of [...object.reservations.values()]) {
      if (lockedUntil === null || lockedUntil > this.now) continue;
      if (lentTo !== null) askAboutLoan(this, object, id);
      if (cart === null || lentTo !== null) continue;
      const fate = fateOf(this.cart(cart), id);
      const actor = { role: "cart" as const, cart };
      const orderId = this.cart(cart).orderId ?? undefined;
      if (fate === "confirm") object.execute([request({ type: "confirm", id, orderId }, { actor })]);
      if (fate === "unlock") object.execute([request({ type: "unlock", id }, { actor })]);
    }
  }

  /** What the SKUs have to tell sets out. */
  gatherNews(): void {
    for (const [name, { sku, events }] of this.skus) {
      if (sku !== null) this.#news.push(...noticesOf(sku, events.slice(this.#reported.get(name) ?? 0)));
      this.#reported.set(name, events.length);
    }
  }

  /** One of the news arrives, whichever it is; it may arrive once more later. */
  hear(pick: number, isAgain = false): void {
    const index = pick % Math.max(1, this.#news.length);
    const notice = this.#news[index];
    if (notice === undefined) return;
    if (!isAgain) this.#news.splice(index, 1);
    if (notice.to === "allowance") reportAll(this.known, [notice.news]);
    if (notice.to === "limit") this.#askAndSettle(this.object(notice.offer.reservation.sku), notice.offer);
    if (notice.to === "lender") tellLender(this, notice.lender, notice.end);
    if (notice.to !== "cart") return;
    const change = notice.what === "lapsed" ? lapse : takeOut;
    this.keep(change(this.cart(notice.cart), notice.reservation, this.now));
  }

  /** All news arrive: `last` first those that set out last. */
  reportAll(order: "in order" | "last" = "in order"): void {
    for (this.gatherNews(); this.#news.length > 0; this.gatherNews()) {
      while (this.#news.length > 0) this.hear(order === "last" ? this.#news.length - 1 : 0);
    }
  }

  /** The reservations of a cart's lines, as far as they exist. */
  linesOf(id: string): Reservation[] {
    return this.cart(id).lines.flatMap(({ sku, reservation }) => this.object(sku).reservations.get(reservation) ?? []);
  }

  object(sku: string): MemoryObject {
    const object = this.skus.get(sku);
    if (object === undefined) throw new Error(`there is no ${sku}`);
    return object;
  }

  /** Units of the drop that a customer really has; of tries nobody was told, and what is lent may have given way already. */
  liveUnitsOf(customer: string, withTries = true): number {
    const all = [...this.skus.values()].flatMap((object) => [...object.reservations.values()]);
    return all
      .filter((one) => one.customer === customer && one.countedBy !== null && one.lentTo === null)
      .filter(({ attempt }) => withTries || attempt === null)
      .reduce((units, one) => units + liveUnits(one, this.now), 0);
  }

  /** Units that are counted for a customer. */
  countedUnitsOf(customer: string): number {
    return [...knownOf(this.known, customer).values()].reduce((sum, { units }) => sum + units, 0);
  }

  #deliver(cart: Cart, message: CartMessage): CartAnswer {
    const outcome = this.call(cart.lines[message.line]?.sku ?? "", requestsOf(cart, message, this.now));
    return outcome === null ? { kind: "lost" } : answerTo(message.type, outcome);
  }

  /** What a SKU does about a try that it has just made; null when the one who counts does not answer it. */
  #askAndSettle(sku: MemoryObject, pending: Tried & { outcome?: Outcome }): Outcome | null {
    if (pending.reservation.attempt?.purpose === "rescue") return decideRescue(this, sku, pending);
    if (pending.limit === null) return pending.outcome ?? null;
    const fate = this.claimFate(this.steps);
    this.steps += 1;
    const claim = claimOf(pending.reservation, pending.limit.limit);
    const ask = (): Grant => only(claimAll(this.known, [claim]).grants);
    if (fate === "late") this.late.push(ask);
    if (fate === "lost" || fate === "late" || fate === "dies") return null;
    const grant = ask();
    if (fate === "twice") ask();
    if (fate === "answer lost") return null;
    const closing = closingOf(pending, verdictOf(grant));
    if (closing !== null) return outcomeTo(only(sku.execute([closing])));
    return grant.granted ? (pending.outcome ?? null) : refused({ code: "overloaded" });
  }

  /** Goes on with the cart. As in its object, only decisions and what others are told of are written. */
  keep(cart: Cart): Cart {
    const before = this.carts.get(cart.id);
    this.carts.set(cart.id, structuredClone(cart));
    if (cart.status === "held") this.#wereHeld.add(cart.id);
    if (isToBeWritten(before ?? null, cart)) this.#written.set(cart.id, structuredClone(cart));
    return cart;
  }
}
