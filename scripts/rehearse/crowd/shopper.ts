import type { z } from "zod";
import type { Api, ApiResult, Call } from "./api.ts";
import type { Books } from "./books.ts";
import type { Journal } from "./journal.ts";
import { OwnClaims } from "./own-claims.ts";
import type { Random } from "./random.ts";
import type { Units } from "./reservation-verdicts.ts";
import { isLimited, type Sale } from "./sale.ts";
import { type Feed, Watcher } from "./watcher.ts";

/** What all shoppers of a rehearsal share. */
export type World = {
  url: string;
  api: Api;
  books: Books;
  journal: Journal;
  sale: Sale;
  feed: Feed;
  watchers: Watcher[];
  storefrontToken: string;
  /** Calls for what is somebody else's that may still be made: the service counts them by address, and all share ours. */
  probesLeft: number;
};

/** What may be asked of what one has. */
export type Action = "confirm" | "extend" | "release";

/** One customer: who it is, what it was told that it has, and how it calls. */
export class Shopper {
  readonly name: string;
  readonly random: Random;
  readonly world: World;
  readonly claims: OwnClaims;
  readonly #token: string;

  constructor(world: World, name: string, token: string, random: Random) {
    this.world = world;
    this.name = name;
    this.random = random;
    this.claims = new OwnClaims(world.sale, world.books);
    this.#token = token;
  }

  /** One of the SKUs that the limit counts, by chance. */
  pickSku(): string {
    const { limited } = this.world.sale;
    return limited[Math.floor(this.random.next() * limited.length)] ?? "";
  }

  /** Opens the live feed of these SKUs with its own channel. */
  watch(skus: readonly string[]): Watcher {
    const { url, feed, watchers } = this.world;
    const watcher = new Watcher(url, feed, skus, { customer: this.name, token: this.#token });
    watchers.push(watcher);
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
    payment: { orderId: string; quantity?: number },
    answer: Schema,
    more: Partial<Call<Schema>>,
  ): Promise<ApiResult<z.infer<Schema>>> {
    const isPaid = action === "confirm";
    const token = isPaid ? this.world.storefrontToken : this.#token;
    // Time runs for whoever holds something, and the line in front of the service is the rehearsal's own.
    return this.post(kind, path, isPaid ? payment : {}, answer, { token, urgent: true, ...more });
  }

  fetch<Schema extends z.ZodType>(kind: string, method: "GET" | "DELETE", path: string, answer: Schema) {
    return this.world.api.call({ kind, method, path, token: this.#token, answer });
  }

  /** Makes a call that may win a quantity of each of these SKUs, and says how many of them its customer had meanwhile. */
  async claiming<Body>(
    skus: readonly string[],
    quantity: number,
    post: () => Promise<ApiResult<Body>>,
  ): Promise<[ApiResult<Body>, Units]> {
    const { sale } = this.world;
    const units = skus.filter((sku) => isLimited(sale, sku)).length * quantity;
    if (units === 0) return [await post(), { least: 0, most: 0 }];
    return this.claims.during(units, post, (answer) => sale.clock.span(answer));
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
