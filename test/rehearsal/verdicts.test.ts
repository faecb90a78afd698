import { describe, expect, it } from "vitest";
import type { ApiResult } from "../../scripts/rehearse/crowd/api.ts";
import {
  confirmFault,
  extendFault,
  releaseFault,
  returnFault,
} from "../../scripts/rehearse/crowd/reservation-verdicts.ts";
import { reserveFault } from "../../scripts/rehearse/crowd/reserve-verdicts.ts";
import type { ReservationAnswer } from "../../scripts/rehearse/crowd/sku-books.ts";
import { iso, Story } from "./story.ts";

const story = new Story("sku", { shoe: 9 }, ["shoe"]);
const { sale } = story;
story.at += 1000;
const before = story.claim("shoe", "ann", 2);
const end = Date.parse(before.expiresAt);
const alive = { from: end - 500, to: end - 400 };
const dead = { from: end + 400, to: end + 500 };
const bought = { ...before, status: "confirmed", confirmedQuantity: 2, orderId: "order" } as const;
const stock = { state: "open", available: 7, low: false } as const;
const at = { sentAt: story.at, answeredAt: story.at };

function told(body: Partial<ReservationAnswer> = {}): ApiResult<ReservationAnswer> {
  return { ...at, ok: true, status: 200, headers: new Headers(), replayed: false, body: { ...before, stock, ...body } };
}

function refused(code: string, more: Record<string, unknown> = {}): ApiResult<ReservationAnswer> {
  const headers = new Headers({ "Retry-After": "1" });
  return {
    ...at,
    ok: false,
    status: 409,
    headers,
    problem: { type: "", title: "", status: 409, detail: "", code, ...more },
  } as never;
}

type Row = [what: string, fault: string | null];

describe("the verdict on a reserve", () => {
  const reserve = (answer: ApiResult<ReservationAnswer>, own = 0, quantity = 2) => {
    const units = { least: own, most: own };
    return reserveFault(answer, { sale, sku: "shoe", customer: "ann", quantity, units });
  };

  it("lets every right answer pass", () => {
    expect(reserve(told())).toBeNull();
    expect(reserve(refused("limit-exceeded", { scope: "sku", limit: 2 }), 1)).toBeNull();
    expect(reserve(refused("insufficient-stock", { available: 1, state: "held_elsewhere" }))).toBeNull();
  });

  it.each<Row>([
    ["over the limit", reserve(told(), 1)],
    ["a hold of another length", reserve(told({ expiresAt: iso(end + 1) }))],
    ["another quantity", reserve(told({ quantity: 1 }))],
    ["somebody else's hold", reserve(told({ customer: "bob" }))],
    ["a hold before the opening", reserve(told({ createdAt: iso(sale.opensAt - 1) }))],
    ["a closed sale that was open", reserve(refused("not-open", { opensAt: iso(sale.opensAt) }))],
    ["a limit that was not reached", reserve(refused("limit-exceeded", { scope: "sku", limit: 2 }))],
    ["another limit", reserve(refused("limit-exceeded", { scope: "sku", limit: 3 }), 1)],
    ["enough units", reserve(refused("insufficient-stock", { available: 2, state: "sold_out" }))],
    ["no reason", reserve(refused("insufficient-stock", { available: 0, state: "open" }))],
    ["the stock before the limit", reserve(refused("insufficient-stock", { available: 0, state: "sold_out" }), 1)],
    ["another refusal", reserve(refused("hold-expired"))],
  ])("sees %s", (_what, fault) => expect(fault).not.toBeNull());
});

describe("the verdict on a payment", () => {
  const pay = (
    answer: ApiResult<ReservationAnswer>,
    span = alive,
    had: typeof before = before,
    refunded: string | null = null,
  ) => confirmFault(answer, { before: had, isSuperseded: false, refunded, quantity: 2, orderId: "order", span });
  const late = refused("hold-expired", { refundRequired: true });

  it("lets every right answer pass", () => {
    expect(pay(told(bought))).toBeNull();
    expect(pay(told({ ...bought, rescued: true }), dead)).toBeNull();
    expect(pay(late, dead)).toBeNull();
    expect(pay(late, dead, before, "hold-expired")).toBeNull();
    expect(pay(told(bought), alive, bought)).toBeNull();
  });

  it.each<Row>([
    ["a hold that was alive refused", pay(late)],
    ["a refusal without a refund", pay(refused("hold-expired"), dead)],
    ["a sale to another order", pay(told({ ...bought, orderId: "other" }))],
    ["fewer units sold", pay(told({ ...bought, confirmedQuantity: 1 }))],
    ["a dead hold sold as a live one", pay(told(bought), dead)],
    ["a live hold sold as a dead one", pay(told({ ...bought, rescued: true }))],
    ["a sale after a refund", pay(told(bought), dead, before, "hold-expired")],
    ["a released hold sold", pay(told(bought), alive, { ...before, status: "released" })],
    ["the same payment told otherwise", pay(told({ ...bought, version: 99 }), alive, bought)],
  ])("sees %s", (_what, fault) => expect(fault).not.toBeNull());
});

describe("the verdict on more time, a release and a return", () => {
  it("lets every right answer pass", () => {
    expect(extendFault(told({ expiresAt: iso(end + 1000) }), before, alive)).toBeNull();
    expect(extendFault(refused("hold-expired"), before, dead)).toBeNull();
    expect(releaseFault(told({ status: "released" }), before, alive)).toBeNull();
    expect(releaseFault(told({ status: "expired" }), before, dead)).toBeNull();
    expect(returnFault(told({ returnedQuantity: 1 }), bought, 1)).toBeNull();
    expect(returnFault(refused("nothing-to-return", { returnable: 2 }), bought, 3)).toBeNull();
  });

  it.each<Row>([
    ["no more time", extendFault(told(), before, alive)],
    ["more time than there is", extendFault(told({ expiresAt: iso(end + 60_000) }), before, alive)],
    ["more time for a dead hold", extendFault(told({ expiresAt: iso(end + 1000) }), before, dead)],
    ["an end where time was left", extendFault(refused("extension-limit"), before, alive)],
    ["a live hold told as expired", releaseFault(told({ status: "expired" }), before, alive)],
    ["a dead hold told as released", releaseFault(told({ status: "released" }), before, dead)],
    ["more units back than were sold", returnFault(told({ returnedQuantity: 3 }), bought, 3)],
    ["other units back", returnFault(told({ returnedQuantity: 2 }), bought, 1)],
  ])("sees %s", (_what, fault) => expect(fault).not.toBeNull());
});
