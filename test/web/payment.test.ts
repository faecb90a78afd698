import { describe, expect, it } from "vitest";
import type { Refusal } from "../../src/client/client.ts";
import { isUnderWay, paymentAfter } from "../../src/web/shop/use-payment.ts";

const refused = (members: object) => ({ ok: false as const, refusal: members as Refusal });
const expired = { code: "hold-expired", detail: "", title: "", status: 409, type: "" };

describe("a payment that was taken", () => {
  it("is paid when it is confirmed, whether in time or rescued", () => {
    const result = { ok: true as const, value: { rescued: true }, replayed: false, recorded: null };
    expect(paymentAfter(result, "EU 41")).toEqual({ step: "paid" });
  });

  it("goes back when the service says so, and only then", () => {
    expect(paymentAfter(refused({ ...expired, refundRequired: true }), "EU 41").step).toBe("refund");
    expect(paymentAfter(refused({ ...expired, refundRequired: false }), "EU 41").step).toBe("failed");
  });

  it("is under way from the first question until it is paid, refused or sent back", () => {
    const steps = ["choosing", "asking", "waiting", "confirming", "declined", "paid"] as const;
    expect(steps.filter((step) => isUnderWay({ step }))).toEqual(["asking", "waiting", "confirming"]);
    expect(isUnderWay({ step: "failed", words: "" })).toBe(true);
    expect(isUnderWay({ step: "refund", words: "" })).toBe(false);
  });
});
