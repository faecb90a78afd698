import { z } from "zod";
import { cartView } from "../../../src/contracts/cart.ts";
import type { Api, ApiResult, Call } from "../api.ts";
import type { Journal } from "../journal.ts";
import type { Random } from "../random.ts";
import type { CartView, EntryView, WholeBooks } from "./books.ts";
import { isCounted, type WholeDrop } from "./drop.ts";
import { type Claims, OwnClaims } from "./own-claims.ts";
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

/** What may be asked of what one has. */
export type Action = "confirm" | "extend" | "release";

/** One customer of a whole drop: who it is, what it was told that it has, and how it calls. */
export class DropShopper {
  readonly name: string;
  readonly random: Random;
  readonly world: WholeWorld;
  readonly claims: OwnClaims;
  readonly #token: string;

  constructor(world: WholeWorld, name: string, token: string, random: Random) {
    this.world = world;
    this.name = name;
    this.random = random;
    this.claims = new OwnClaims(world.drop, world.books);
    this.#token = token;
  }

  /** One of the sizes, by chance. */
  get size(): string {
    const { sizes } = this.world.drop;
    return sizes[Math.floor(this.random.next() * sizes.length)] ?? "";
  }

  /** Opens the live feed of these SKUs with its own channel. */
  watch(skus: readonly string[]): WholeWatcher {
    const watcher = new WholeWatcher(this.world.url, skus, { customer: this.name, token: this.#token });
    this.world.watchers.push(watcher);
    return watcher;
  }

  post<Schema extends z.ZodType>(
    kind: string,
    path: string,
    body: unknown,
    answer: Schema,
    more: Partial<Call<Schema>> = {},
  ): Promise<ApiResult<z.infer<Schema>>> {
    return this.world.api.call({ kind, method: "POST", path, token: this.#token, body, answer, ...more });
  }

  /** Confirmations are the shop's, which was paid by this customer; all else it does itself. */
  act<Schema extends z.ZodType>(
    kind: string,
    path: string,
    action: Action,
    orderId: string,
    answer: Schema,
    more: Partial<Call<Schema>>,
  ): Promise<ApiResult<z.infer<Schema>>> {
    const isPaid = action === "confirm";
    const token = isPaid ? this.world.storefrontToken : this.#token;
    // Time runs for whoever holds something, and the line in front of the service is the rehearsal's own.
    return this.post(kind, path, isPaid ? { orderId } : {}, answer, { token, urgent: true, ...more });
  }

  fetch<Schema extends z.ZodType>(kind: string, method: "GET" | "DELETE", path: string, answer: Schema) {
    return this.world.api.call({ kind, method, path, token: this.#token, answer });
  }

  /** Makes a call that may win units, and says what else of the sizes its customer had meanwhile. */
  claiming<Body>(skus: readonly string[], post: () => Promise<ApiResult<Body>>): Promise<[ApiResult<Body>, Claims]> {
    const { drop } = this.world;
    if (skus.some((sku) => isCounted(drop, sku))) return this.claims.during(post, (answer) => drop.clock.span(answer));
    return post().then((answer) => [answer, { surely: false, maybe: false }]);
  }

  /** Calls for what is somebody else's: as if it were not there. */
  async meddleWith({ id }: CartView, entry: EntryView | undefined): Promise<void> {
    const release = await this.post("meddle", `/v1/carts/${id}/release`, {}, cartView);
    this.expectRefusal("somebody else's cart", release, "not-found");
    if (entry === undefined) return;
    const path = `/v1/skus/${entry.sku}/waitlist/${entry.id}`;
    const leave = await this.fetch("meddle", "DELETE", path, z.unknown());
    this.expectRefusal("somebody else's place", leave, "not-found");
  }

  /** Notes an answer that has a fault. */
  judge(what: string, answer: ApiResult<unknown>, fault: string | null): void {
    if (fault !== null) this.surprise(`${what}: ${fault}`, answer);
  }

  /** An answer that no rule allows. */
  surprise(what: string, answer: ApiResult<unknown>): void {
    const told = answer.ok ? `${answer.status} ${JSON.stringify(answer.body)}` : JSON.stringify(answer.problem);
    this.world.journal.surprises.push(`${this.name}: ${what}, but it was told ${told}`);
  }

  /** A refusal has to be one of these. */
  expectRefusal(what: string, answer: ApiResult<unknown>, ...codes: string[]): void {
    if (answer.ok || !codes.includes(answer.problem.code))
      this.surprise(`${what} is refused as ${codes.join(" or ")}`, answer);
  }
}
