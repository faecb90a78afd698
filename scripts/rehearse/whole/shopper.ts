import { randomUUID } from "node:crypto";
import { z } from "zod";
import { cartView } from "../../../src/contracts/cart.ts";
import { reservationAnswer } from "../../../src/contracts/reservation.ts";
import { entryView } from "../../../src/contracts/waitlist.ts";
import type { Answer, Api, Call } from "../api.ts";
import type { Journal } from "../journal.ts";
import type { Random } from "../random.ts";
import { withoutStock } from "../verdicts.ts";
import type { CartView, EntryView, ReservationView, WholeBooks } from "./books.ts";
import type { WholeDrop } from "./drop.ts";

export type WholeWorld = {
  api: Api;
  books: WholeBooks;
  journal: Journal;
  drop: WholeDrop;
  storefrontToken: string;
};

/** One customer of a whole drop: makes calls and notes in the books what it was told. */
export class DropShopper {
  readonly name: string;
  readonly random: Random;
  readonly world: WholeWorld;
  readonly #token: string;

  constructor(world: WholeWorld, name: string, token: string, random: Random) {
    this.world = world;
    this.name = name;
    this.random = random;
    this.#token = token;
  }

  /** One of the sizes, by chance. */
  get size(): string {
    const { sizes } = this.world.drop;
    return sizes[Math.floor(this.random.next() * sizes.length)] ?? "";
  }

  async reserve(sku: string, key: string = randomUUID()): Promise<Answer<ReservationView>> {
    return this.#noted(
      await this.#post("reserve", `/v1/skus/${sku}/reservations`, { quantity: 1 }, reservationAnswer, { key }),
    );
  }

  async onReservation({ sku, id }: ReservationView, action: "confirm" | "release"): Promise<Answer<ReservationView>> {
    const token = action === "confirm" ? this.world.storefrontToken : this.#token;
    const body = action === "confirm" ? { orderId: `order-${id}` } : {};
    const path = `/v1/skus/${sku}/reservations/${id}/${action}`;
    return this.#noted(await this.#post(action, path, body, reservationAnswer, { token, urgent: true }));
  }

  async openCart(skus: string[], mode: CartView["mode"], key: string = randomUUID()): Promise<Answer<CartView>> {
    const body = { mode, lines: skus.map((sku) => ({ sku, quantity: 1 })) };
    const answer = await this.#post("cart", "/v1/carts", body, cartView, { key, ended: () => "held" });
    if (answer.ok) this.world.books.tellCart(answer.body);
    return answer;
  }

  async onCart({ id }: CartView, action: "confirm" | "extend" | "release"): Promise<Answer<CartView>> {
    const token = action === "confirm" ? this.world.storefrontToken : this.#token;
    const body = action === "confirm" ? { orderId: `order-${id}` } : {};
    const answer = await this.#post(`${action} cart`, `/v1/carts/${id}/${action}`, body, cartView, {
      token,
      urgent: true,
      ended: ({ rescued }) => (rescued ? "rescued" : "ok"),
    });
    if (answer.ok) this.world.books.tellCart(answer.body);
    else if (answer.problem.code === "hold-expired" && answer.problem.refundRequired === true) {
      this.world.books.refunds.add(id);
    }
    return answer;
  }

  async join(sku: string): Promise<Answer<EntryView>> {
    const answer = await this.#post("join", `/v1/skus/${sku}/waitlist`, { quantity: 1 }, entryView, {});
    if (answer.ok) this.world.books.entries.set(answer.body.id, answer.body);
    return answer;
  }

  async readEntry({ sku, id }: EntryView): Promise<EntryView | null> {
    const path = `/v1/skus/${sku}/waitlist/${id}`;
    const call = { kind: "read entry", method: "GET", path, token: this.#token, answer: entryView } as const;
    const answer = await this.world.api.call(call);
    if (answer.ok) return answer.body;
    this.surprise(`entry ${id} is gone`, answer);
    return null;
  }

  async leave({ sku, id }: EntryView): Promise<void> {
    const path = `/v1/skus/${sku}/waitlist/${id}`;
    await this.world.api.call({ kind: "leave", method: "DELETE", path, token: this.#token, answer: z.unknown() });
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

  #post<Schema extends z.ZodType>(
    kind: string,
    path: string,
    body: unknown,
    answer: Schema,
    more: Partial<Call<Schema>>,
  ): Promise<Answer<z.infer<Schema>>> {
    return this.world.api.call({ kind, method: "POST", path, token: this.#token, body, answer, ...more });
  }

  #noted(answer: Answer<z.infer<typeof reservationAnswer>>): Answer<ReservationView> {
    return answer.ok ? { ...answer, body: this.world.books.tell(withoutStock(answer.body)) } : answer;
  }
}
