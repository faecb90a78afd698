import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { ownView, reservationAnswer, reservationView } from "../../src/contracts/reservation.ts";
import { publicSku } from "../../src/contracts/sku.ts";
import type { Api, ApiResult, Call } from "./api.ts";
import type { Books, Reservation, ReservationAnswer } from "./books.ts";
import type { Drop } from "./drop.ts";
import type { Journal } from "./journal.ts";
import type { Random } from "./random.ts";
import {
  confirmFault,
  deadWithin,
  extendFault,
  releaseFault,
  reserveFault,
  returnFault,
  unitsWithin,
  withoutStock,
} from "./verdicts.ts";

/** What all shoppers of a rehearsal share. */
export type World = {
  api: Api;
  books: Books;
  journal: Journal;
  drop: Drop;
  storefrontToken: string;
  /** Calls for what is somebody else's that may still be made. */
  probesLeft: number;
};

type Action = Pick<Call<typeof reservationAnswer>, "kind" | "path" | "token" | "body" | "ended" | "urgent"> & {
  key: string;
};

/** One customer: makes calls, notes in the books what it was told, and judges every answer. */
export class Shopper {
  readonly name: string;
  readonly random: Random;
  readonly world: World;
  readonly #token: string;
  readonly #own = new Set<string>();
  /** Units in reserves that are not answered yet. */
  #wanting = 0;

  constructor(world: World, name: string, token: string, random: Random) {
    this.world = world;
    this.name = name;
    this.random = random;
    this.#token = token;
  }

  /** A reserve; with a key that was used before, the same one again. */
  async reserve(quantity: number, key: string = randomUUID()): Promise<ApiResult<ReservationAnswer>> {
    const { drop, books } = this.world;
    const before = this.#reservations();
    const rivals = this.#wanting;
    this.#wanting += quantity;
    const answer = await this.#act({
      kind: "reserve",
      path: `/v1/skus/${drop.sku}/reservations`,
      token: this.#token,
      body: { quantity, metadata: { key } },
      key,
      ended: () => "held",
    });
    const span = drop.clock.span(answer);
    this.#wanting -= quantity;
    const units = unitsWithin(before, span);
    // Calls of its own that ran beside this one may have come first.
    if (rivals > 0) units.most = Math.max(units.most, unitsWithin(this.#reservations(), span).most) + rivals;
    this.#judge(`reserve ${quantity}`, answer, reserveFault(answer, { drop, customer: this.name, quantity, units }));
    if (!answer.ok) books.refuse(answer.problem);
    if (!answer.ok && answer.problem.code === "insufficient-stock") {
      books.stockRefusals.push({ customer: this.name, quantity, ...span });
    }
    return answer;
  }

  /** The key of an accepted reserve with other content: never accepted. */
  async misuseKey(quantity: number, key: string): Promise<void> {
    const path = `/v1/skus/${this.world.drop.sku}/reservations`;
    const call = { kind: "reserve", method: "POST", path, token: this.#token, key } as const;
    const answer = await this.world.api.call({ ...call, body: { quantity }, answer: reservationAnswer });
    if (!answer.ok) this.world.books.refuse(answer.problem);
    const isRefused = !answer.ok && answer.problem.code === "idempotency-key-reused";
    this.#judge("reserve with a used key", answer, isRefused ? null : "the key stood for another reserve");
  }

  /** The shop, paid by this shopper, confirms. */
  async pay(
    id: string,
    orderId: string,
    quantity: number,
    key: string = randomUUID(),
  ): Promise<ApiResult<ReservationAnswer>> {
    const { drop, books, storefrontToken } = this.world;
    const before = this.#told(id);
    const refunded = books.refunds.told(id, orderId);
    const isSuperseded = books.superseded.has(id);
    const part = quantity === before.quantity ? {} : { quantity };
    const answer = await this.#act({
      ...this.#on(id, "confirm"),
      token: storefrontToken,
      body: { orderId, ...part },
      key,
      ended: ({ rescued }) => (rescued ? "rescued" : "sold"),
    });
    const span = drop.clock.span(answer);
    const paid = { before, isSuperseded, refunded, quantity, orderId, span };
    this.#judge(`confirm ${id}`, answer, confirmFault(answer, paid));
    if (!answer.ok) books.refunds.add(id, orderId, answer.problem);
    if (answer.ok && answer.body.rescued) await this.#seeWhatGaveWay();
    return answer;
  }

  /** What else this customer holds may have given way to a late payment. */
  async #seeWhatGaveWay(): Promise<void> {
    const { api, books, drop } = this.world;
    for (const { id, version } of this.#reservations().filter(({ status }) => status === "held")) {
      const path = `/v1/skus/${drop.sku}/reservations/${id}`;
      const call = { kind: "read own", method: "GET", path, token: this.#token, answer: reservationView } as const;
      const answer = await api.call(call);
      if (!answer.ok || answer.body.version <= version) continue;
      books.tell(answer.body);
      if (answer.body.status === "released") books.superseded.add(id);
    }
  }

  async extend(id: string): Promise<ApiResult<ReservationAnswer>> {
    const before = this.#told(id);
    const answer = await this.#act({ ...this.#on(id, "extend"), body: {}, key: randomUUID() });
    this.#judge(`extend ${id}`, answer, extendFault(answer, before, this.world.drop.clock.span(answer)));
    return answer;
  }

  async release(id: string): Promise<ApiResult<ReservationAnswer>> {
    const before = this.#told(id);
    const answer = await this.#act({ ...this.#on(id, "release"), body: {}, key: randomUUID() });
    this.#judge(`release ${id}`, answer, releaseFault(answer, before, this.world.drop.clock.span(answer)));
    return answer;
  }

  /** The shop takes units back, to sale or out of stock. */
  async giveBack(id: string, quantity: number, restock: boolean): Promise<void> {
    const { books, storefrontToken } = this.world;
    const before = this.#told(id);
    const action = {
      ...this.#on(id, "return"),
      token: storefrontToken,
      body: { quantity, restock },
      key: randomUUID(),
    };
    const answer = await this.#act(action);
    this.#judge(`return ${quantity} of ${id}`, answer, returnFault(answer, before, quantity));
    if (answer.ok && !restock) books.unitsTakenOut += quantity;
  }

  /** Somebody else's reservation: it must look as if there were none. */
  async meddleWith(id: string): Promise<void> {
    const path = `/v1/skus/${this.world.drop.sku}/reservations/${id}`;
    const call = { kind: "meddle", path, token: this.#token, answer: reservationView } as const;
    const answers = [
      await this.world.api.call({ ...call, method: "GET" }),
      await this.world.api.call({ ...call, method: "POST", path: `${path}/release`, body: {} }),
    ];
    for (const answer of answers) {
      const isHidden = !answer.ok && answer.problem.code === "not-found";
      this.#judge(`meddle with ${id}`, answer, isHidden ? null : "it belongs to somebody else");
    }
  }

  /** The product page. */
  async look(): Promise<void> {
    const { api, drop } = this.world;
    const path = `/v1/skus/${drop.sku}`;
    const answer = await api.call({ kind: "read SKU", method: "GET", path, token: this.#token, answer: publicSku });
    const isShown = answer.ok && answer.body.available <= drop.stock && !("sold" in answer.body);
    this.#judge("read the SKU", answer, isShown ? null : "not the public's view");
  }

  /** A reload of the page, which has to find its hold again. */
  async reload(): Promise<void> {
    const { api, drop } = this.world;
    const owned = this.#reservations();
    const path = `/v1/skus/${drop.sku}/me`;
    const answer = await api.call({ kind: "read own", method: "GET", path, token: this.#token, answer: ownView });
    this.#judge("read one's own", answer, answer.ok ? this.#ownFault(owned, answer) : "it could be read");
  }

  #ownFault(owned: readonly Reservation[], answer: ApiResult<z.infer<typeof ownView>> & { ok: true }): string | null {
    const span = this.world.drop.clock.span(answer);
    const units = unitsWithin(owned, span);
    const { myUnits, reservations } = answer.body;
    if (myUnits < units.least || myUnits > units.most) return `it has ${units.least} to ${units.most}, not ${myUnits}`;
    const missing = owned.filter(
      (mine) =>
        mine.status === "held" && deadWithin(mine, span) === false && !reservations.some(({ id }) => id === mine.id),
    );
    if (missing.length > 0) return `${missing.map(({ id }) => id).join(", ")} is missing`;
    return reservations.every(({ customer }) => customer === this.name) ? null : "it shows somebody else's";
  }

  async #act(action: Action): Promise<ApiResult<ReservationAnswer>> {
    const { api, books } = this.world;
    books.useKey(action.key);
    const answer = await api.call({ ...action, method: "POST", answer: reservationAnswer });
    if (answer.ok) {
      books.keyAccepted(action.key, answer);
      this.#own.add(books.tell(withoutStock(answer.body)).id);
    }
    return answer;
  }

  /** Time runs for whoever holds something, and the line in front of the service is the rehearsal's own. */
  #on(id: string, action: string) {
    return {
      urgent: true,
      kind: action,
      path: `/v1/skus/${this.world.drop.sku}/reservations/${id}/${action}`,
      token: this.#token,
    };
  }

  #judge(what: string, answer: ApiResult<unknown>, fault: string | null): void {
    if (fault === null) return;
    const told = answer.ok ? `${answer.status} ${JSON.stringify(answer.body)}` : JSON.stringify(answer.problem);
    this.world.journal.surprises.push(`${this.name}: ${what}: ${fault}, but it was told ${told}`);
  }

  #told(id: string): Reservation {
    const reservation = this.world.books.reservations.get(id);
    if (reservation === undefined) throw new Error(`${this.name} knows of no reservation ${id}`);
    return reservation;
  }

  #reservations(): Reservation[] {
    return [...this.#own].map((id) => this.#told(id));
  }
}
