import { randomUUID } from "node:crypto";
import { z } from "zod";
import { cartView } from "../../../src/contracts/cart.ts";
import { reservationAnswer } from "../../../src/contracts/reservation.ts";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { Answer, Api, Call } from "../api.ts";
import type { Reservation, ReservationAnswer } from "../books.ts";
import type { Journal } from "../journal.ts";
import type { Random } from "../random.ts";
import { confirmFault, extendFault, releaseFault, returnFault, withoutStock } from "../verdicts.ts";
import type { CartView, EntryView, WholeBooks } from "./books.ts";
import { isCounted, type WholeDrop } from "./drop.ts";
import { OwnClaims } from "./own-claims.ts";
import { changeCartFault, confirmCartFault, openCartFault, reserveFault } from "./verdicts.ts";
import { WholeWatcher } from "./watcher.ts";

export type WholeWorld = {
  url: string;
  api: Api;
  books: WholeBooks;
  journal: Journal;
  drop: WholeDrop;
  storefrontToken: string;
  watchers: WholeWatcher[];
};

type Action = "confirm" | "extend" | "release";

/** One customer of a whole drop: makes calls, notes in the books what it was told, and judges every answer. */
export class DropShopper {
  readonly name: string;
  readonly random: Random;
  readonly world: WholeWorld;
  readonly #token: string;
  readonly #claims: OwnClaims;

  constructor(world: WholeWorld, name: string, token: string, random: Random) {
    this.world = world;
    this.name = name;
    this.random = random;
    this.#token = token;
    this.#claims = new OwnClaims(world.drop, world.books);
  }

  /** One of the sizes, by chance. */
  get size(): string {
    const { sizes } = this.world.drop;
    return sizes[Math.floor(this.random.next() * sizes.length)] ?? "";
  }

  /** Whether it was never told of anything that is its own. */
  get hasNothing(): boolean {
    return this.#claims.isEmpty;
  }

  async reserve(sku: string, quantity = 1, key: string = randomUUID()): Promise<Answer<ReservationAnswer>> {
    const { books, drop } = this.world;
    books.of(sku).useKey(key);
    const body = { quantity, metadata: { key } };
    const post = () =>
      this.#post("reserve", `/v1/skus/${sku}/reservations`, body, reservationAnswer, { key, ended: () => "held" });
    const [answer, claims] = await this.#claiming([sku], post);
    this.#judge(
      `reserve in ${sku}`,
      answer,
      reserveFault(answer, { drop, sku, customer: this.name, quantity, claims }),
    );
    if (answer.ok) {
      books.of(sku).keyAccepted(key, answer);
      books.isSureFrom(answer.body.id, drop.clock.span(answer).to);
      this.#tell(answer.body);
    } else if (answer.problem.code === "insufficient-stock") {
      books.of(sku).stockRefusals.push({ customer: this.name, quantity, ...drop.clock.span(answer) });
    }
    return answer;
  }

  async onReservation(
    { id, sku }: Pick<Reservation, "id" | "sku">,
    action: Action,
    key: string = randomUUID(),
  ): Promise<Answer<ReservationAnswer>> {
    const books = this.world.books.of(sku);
    const before = books.reservations.get(id);
    const refunded = books.refunds.has(id);
    const token = action === "confirm" ? this.world.storefrontToken : this.#token;
    const orderId = `order-${id}`;
    const body = action === "confirm" ? { orderId } : {};
    const path = `/v1/skus/${sku}/reservations/${id}/${action}`;
    books.useKey(key);
    const ended = ({ rescued }: ReservationAnswer) => (action !== "confirm" ? "ok" : rescued ? "rescued" : "sold");
    const answer = await this.#post(action, path, body, reservationAnswer, { token, key, urgent: true, ended });
    const span = this.world.drop.clock.span(answer);
    if (before !== undefined) {
      const paid = { before, refunded, quantity: before.quantity, orderId, span };
      const fault = {
        confirm: () => confirmFault(answer, paid),
        extend: () => extendFault(answer, before, span),
        release: () => releaseFault(answer, before, span),
      };
      this.#judge(`${action} ${id}`, answer, fault[action]());
    }
    if (answer.ok) {
      books.keyAccepted(key, answer);
      this.#tell(answer.body);
    } else if (action === "confirm" && answer.problem.code === "hold-expired") books.refunds.add(id);
    return answer;
  }

  /** Gives units that were bought back, to be sold again. */
  async giveBack({ id, sku, quantity }: Reservation): Promise<void> {
    const books = this.world.books.of(sku);
    const before = books.reservations.get(id);
    const path = `/v1/skus/${sku}/reservations/${id}/return`;
    const token = this.world.storefrontToken;
    const answer = await this.#post("return", path, { restock: true }, reservationAnswer, { token, urgent: true });
    if (before !== undefined) this.#judge(`return ${id}`, answer, returnFault(answer, before, quantity));
    if (answer.ok) this.#tell(answer.body);
  }

  async openCart(
    skus: string[],
    mode: CartView["mode"] = "all_or_nothing",
    key: string = randomUUID(),
  ): Promise<Answer<CartView>> {
    const { books, drop } = this.world;
    const body = { mode, lines: skus.map((sku) => ({ sku, quantity: 1 })) };
    const post = () => this.#post("cart", "/v1/carts", body, cartView, { key, ended: () => "held" });
    const [answer, claims] = await this.#claiming(skus, post);
    this.#judge(
      `a cart of ${skus.join(", ")}`,
      answer,
      openCartFault(answer, { drop, customer: this.name, skus, mode, claims }),
    );
    const span = drop.clock.span(answer);
    if (answer.ok) {
      this.#claims.cart(books.tellCart(answer.body, span.to));
      books.cartsByKey.set(key, (books.cartsByKey.get(key) ?? new Set()).add(answer.body.id));
    }
    const lines = answer.ok ? answer.body.lines : ((answer.problem.lines ?? []) as CartView["lines"]);
    for (const { sku, quantity, problem } of lines) {
      if (problem?.code === "insufficient-stock") {
        books.of(sku).stockRefusals.push({ customer: this.name, quantity, ...span });
      }
    }
    return answer;
  }

  /** The key of an opening with other content: never accepted. */
  async misuseCartKey(skus: string[], key: string): Promise<void> {
    const body = { lines: skus.map((sku) => ({ sku, quantity: 2 })) };
    this.expectRefusal(
      "a used key",
      await this.#post("cart", "/v1/carts", body, cartView, { key }),
      "idempotency-key-reused",
    );
  }

  async onCart({ id }: CartView, action: Action, orderId = `order-${id}`): Promise<Answer<CartView>> {
    const { books, drop, storefrontToken } = this.world;
    const before = books.carts.get(id);
    const refunded = books.cartRefunds.has(id);
    const token = action === "confirm" ? storefrontToken : this.#token;
    const body = action === "confirm" ? { orderId } : {};
    const answer = await this.#post(`${action} cart`, `/v1/carts/${id}/${action}`, body, cartView, {
      token,
      urgent: true,
      ended: ({ rescued }) => (action !== "confirm" ? "ok" : rescued ? "rescued" : "sold"),
    });
    const span = drop.clock.span(answer);
    if (before !== undefined) {
      const isPaid = action === "confirm";
      // Calls beside this one may have been told more meanwhile.
      const latest = isPaid ? (books.carts.get(id) ?? before) : before;
      const fault = isPaid
        ? confirmCartFault(answer, {
            before: latest,
            refunded: refunded || books.cartRefunds.has(id),
            orderId,
            span,
          })
        : changeCartFault(answer, action, before, span);
      this.#judge(`${action} cart ${id}`, answer, fault);
    }
    if (answer.ok) books.tellCart(answer.body, span.to);
    else if (action === "confirm" && answer.problem.code === "hold-expired") books.cartRefunds.add(id);
    return answer;
  }

  async join(sku: string, quantity = 1): Promise<Answer<EntryView>> {
    const { books, drop } = this.world;
    const answer = await this.#post("join", `/v1/skus/${sku}/waitlist`, { quantity }, entryView, {
      ended: () => "waiting",
    });
    if (!answer.ok) return answer;
    const { status, position, customer } = answer.body;
    const isFine = answer.replayed || (status === "waiting" && position !== null && customer === this.name);
    this.#judge(`join ${sku}`, answer, isFine ? null : "not a place in the line");
    books.entries.set(answer.body.id, answer.body);
    books.stoodUntil.set(answer.body.id, drop.clock.span(answer).from);
    this.#claims.entry(answer.body);
    return answer;
  }

  async readEntry({ sku, id }: EntryView): Promise<EntryView | null> {
    const { api, books, drop } = this.world;
    const path = `/v1/skus/${sku}/waitlist/${id}`;
    const call = { kind: "read entry", method: "GET", path, token: this.#token, answer: entryView } as const;
    const answer = await api.call(call);
    const before = books.entries.get(id);
    if (!answer.ok || before === undefined) {
      this.#judge(`read entry ${id}`, answer, "it is there");
      return null;
    }
    const { status, position, reservation } = answer.body;
    const hasGoneBack = before.status !== "waiting" ? status === "waiting" : (position ?? 0) > (before.position ?? 0);
    this.#judge(`read entry ${id}`, answer, hasGoneBack ? `it was ${before.status} ${before.position}` : null);
    const span = drop.clock.span(answer);
    books.entries.set(id, answer.body);
    if (status === "waiting") books.stoodUntil.set(id, span.from);
    if (status === "offered" && reservation !== null) books.isSureFrom(reservation, span.to);
    return answer.body;
  }

  /** Leaves the line; declines what is offered. */
  async leave({ sku, id }: EntryView): Promise<void> {
    const { api, books, drop } = this.world;
    const path = `/v1/skus/${sku}/waitlist/${id}`;
    const sentFrom = drop.clock.now() - drop.clock.toleranceMs;
    if (books.entries.get(id)?.status === "waiting") books.stoodUntil.set(id, sentFrom);
    const answer = await api.call({
      kind: "leave",
      method: "DELETE",
      path,
      token: this.#token,
      answer: z.unknown(),
      ended: () => "gone",
    });
    this.#judge(`leave ${id}`, answer, answer.ok ? null : "whoever waits may leave");
    const entry = await this.readEntry({ ...(books.entries.get(id) as EntryView) });
    if (entry?.status === "waiting" || entry?.status === "offered") this.surprise(`entry ${id} has left`, answer);
  }

  /** Opens the live feed of these SKUs with its own channel. */
  watch(skus: readonly string[]): WholeWatcher {
    const watcher = new WholeWatcher(this.world.url, skus, { customer: this.name, token: this.#token });
    this.world.watchers.push(watcher);
    return watcher;
  }

  /** Calls for what is somebody else's: as if it were not there. */
  async meddleWith({ id }: CartView, entry: EntryView | undefined): Promise<void> {
    const release = await this.#post("meddle", `/v1/carts/${id}/release`, {}, cartView, {});
    this.expectRefusal("somebody else's cart", release, "not-found");
    if (entry === undefined) return;
    const path = `/v1/skus/${entry.sku}/waitlist/${entry.id}`;
    const call = { kind: "meddle", method: "DELETE", path, token: this.#token, answer: z.unknown() } as const;
    this.expectRefusal("somebody else's place", await this.world.api.call(call), "not-found");
  }

  /** An answer that no rule allows. */
  surprise(what: string, answer: Answer<unknown>): void {
    const told = answer.ok ? `${answer.status} ${JSON.stringify(answer.body)}` : JSON.stringify(answer.problem);
    this.world.journal.surprises.push(`${this.name}: ${what}, but it was told ${told}`);
  }

  /** A refusal has to be one of these. */
  expectRefusal(what: string, answer: Answer<unknown>, ...codes: string[]): void {
    if (answer.ok || !codes.includes(answer.problem.code))
      this.surprise(`${what} is refused as ${codes.join(" or ")}`, answer);
  }

  #judge(what: string, answer: Answer<unknown>, fault: string | null): void {
    if (fault !== null) this.surprise(`${what}: ${fault}`, answer);
  }

  #claiming<Body>(skus: readonly string[], post: () => Promise<Answer<Body>>) {
    const { drop } = this.world;
    if (skus.some((sku) => isCounted(drop, sku))) return this.#claims.during(post, (answer) => drop.clock.span(answer));
    return post().then((answer) => [answer, { surely: false, maybe: false }] as const);
  }

  #tell(answer: ReservationAnswer): void {
    const told = this.world.books.of(answer.sku).tell(withoutStock(answer));
    this.#claims.single(told);
    if (told.status === "released") this.world.books.givenBack.add(told.id);
  }

  #post<Schema extends z.ZodType>(
    kind: string,
    path: string,
    body: unknown,
    answer: Schema,
    more: Partial<Call<Schema>>,
  ): Promise<Answer<z.infer<Schema>>> {
    return this.world.api.call({ kind, method: "POST", path, token: this.#token, body, answer, ...more });
  }
}
