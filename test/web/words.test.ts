import { describe, expect, it } from "vitest";
import type { Refusal } from "../../src/client/client.ts";
import type { Stock } from "../../src/client/wire.ts";
import { sizeLabel, sizeName } from "../../src/web/shop/catalogue.ts";
import { clockFace, countdownParts, spokenTime } from "../../src/web/shop/times.ts";
import { sayPlaceEnd, sayRefusal, sayTimeLeft, stockWords, whyRefunded } from "../../src/web/shop/words.ts";

const refusal = (members: object) =>
  ({ title: "", detail: "as the service puts it", status: 409, type: "", ...members }) as Refusal;

describe("what the shop says of stock", () => {
  it.each<[Stock, string]>([
    [{ state: "open", available: 3, low: true }, "Only 3 left!"],
    [{ state: "open", available: 30, low: false }, "In stock"],
    [{ state: "open", available: 25, low: false, capped: true }, "More than 25 in stock"],
    [{ state: "held_elsewhere", available: 0, low: true }, "All in other carts, may come back"],
    [{ state: "sold_out", available: 0, low: true }, "Sold out, join the waitlist"],
    [{ state: "scheduled", available: 9, low: false }, "Not open yet"],
  ])("%o", (stock, words) => {
    expect(stockWords(stock, false).long).toBe(words);
  });

  it("does not call another's what is in the visitor's own cart", () => {
    expect(stockWords({ state: "held_elsewhere", available: 0, low: true }, true).short).toBe("Yours");
  });
});

describe("how the shop says no", () => {
  it("tells what may come back from what will not", () => {
    const short = { code: "insufficient-stock", available: 0 };
    expect(sayRefusal(refusal({ ...short, state: "held_elsewhere" }), "EU 41")).toContain("may come back");
    expect(sayRefusal(refusal({ ...short, state: "sold_out" }), "EU 41")).toContain("waitlist");
  });

  it("gives a cart's worst reason", () => {
    const lines = [
      { problem: refusal({ code: "insufficient-stock", available: 0, state: "sold_out" }) },
      { problem: refusal({ code: "limit-exceeded", scope: "drop", limit: 1, used: 1, remaining: 0 }) },
    ];
    expect(sayRefusal(refusal({ code: "cart-not-held", lines }), "EU 41")).toMatch(/^One pair per person/);
  });

  it("says of a limit whether the pair is held or bought", () => {
    const limit = refusal({ code: "limit-exceeded", scope: "drop", limit: 1, used: 1, remaining: 0 });
    expect(sayRefusal(limit, "EU 41", false)).toContain("Remove the one");
    expect(sayRefusal(limit, "EU 41", true)).toContain("bought");
  });

  it("says the limit as it is", () => {
    const limit = refusal({ code: "limit-exceeded", scope: "drop", limit: 2, used: 2, remaining: 0 });
    expect(sayRefusal(limit, "EU 41")).toMatch(/^At most 2 pairs per person\./);
  });

  it("tells whom others go before when to try again, and of the waitlist", () => {
    const turn = { code: "limit-exceeded", used: 5, remaining: 0 };
    const rehold = refusal({ ...turn, scope: "rehold", limit: 30, retryAfterSeconds: 21 });
    expect(sayRefusal(rehold, "EU 41")).toMatch(/Others wanted EU 41.*again in 21 seconds.*waitlist/);
    const abandoned = refusal({ ...turn, scope: "abandoned", limit: 30, retryAfterSeconds: 3600 });
    expect(sayRefusal(abandoned, "EU 41")).toMatch(/too often.*again in 1 hour\b.*waitlist/);
  });

  it("passes on what it has no words for", () => {
    expect(sayRefusal(refusal({ code: "drop-in-use", sku: "a" }), "EU 41")).toBe("as the service puts it");
  });
});

describe("how the shop says what came to its end", () => {
  it("tells a payment that was too late from one for what was given back or paid before", () => {
    const said = ["expired", "released", "declined", "confirmed"].map((status) => whyRefunded(status, "EU 41"));
    expect(said[0]).toContain("had gone to someone else");
    expect(said[1]).toContain("given EU 41 back");
    expect(said[2]).toBe(said[1]);
    expect(said[3]).toContain("already paid");
  });

  it("says nothing of a place that the visitor gave up", () => {
    expect(sayPlaceEnd({ status: "withdrawn", reason: "left" }, "EU 41")).toBeNull();
    expect(sayPlaceEnd({ status: "declined", reason: null }, "EU 41")).toBeNull();
    expect(sayPlaceEnd({ status: "withdrawn", reason: "closed" }, "EU 41")).toContain("closed");
  });
});

describe("how the shop says times", () => {
  it.each([
    [0, "0:00", "no time"],
    [65, "1:05", "1 minute 5 seconds"],
    [7_209, "2:00:09", "2 hours 9 seconds"],
    [90_000, "25:00:00", "1 day 1 hour"],
  ])("%d seconds", (seconds, face, spoken) => {
    expect([clockFace(seconds), spokenTime(seconds)]).toEqual([face, spoken]);
  });

  it("counts down with minutes at least, and days only where there are any", () => {
    const units = (seconds: number) => countdownParts(seconds).map(({ value, unit }) => value + unit);
    expect(units(5)).toEqual(["00min", "05sec"]);
    expect(units(90_061)).toEqual(["01days", "01hours", "01min", "01sec"]);
    expect(units(0)).toEqual(["00min", "00sec"]);
  });

  it("warns at the warning, and near the end", () => {
    const said = [61, 60, 59, 30, 10, 9].map((seconds) => sayTimeLeft(seconds, 60));
    expect(said).toEqual([
      null,
      "1 minute left to pay.",
      null,
      "30 seconds left to pay.",
      "10 seconds left to pay.",
      null,
    ]);
  });
});

describe("how the shop names sizes", () => {
  it.each([
    ["Low Tide 01, EU 42", "42", "EU 42"],
    ["Demo shoe, size 40.5", "40.5", "EU 40.5"],
    ["One size fits all", "One size fits all", "One size fits all"],
  ])("%s", (name, label, sentence) => {
    expect([sizeLabel(name), sizeName(name)]).toEqual([label, sentence]);
  });
});
