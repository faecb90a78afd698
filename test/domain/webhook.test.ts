import { describe, expect, it } from "vitest";
import { WEBHOOK_SECRETS_MAX } from "../../src/domain/bounds.ts";
import { matches, moveBack, remove, rotate, secretsAt, stop, typesOf } from "../../src/domain/webhook.ts";
import { DAY, hook, logged, MINUTE, rotated, T0 } from "./webhook-case.ts";

describe("which events a webhook is sent", () => {
  const held = logged(1, "sku/air", 1, "reservation.held");
  it.each([
    ["all", { events: ["*"] as const, skus: null }, true],
    ["its type", { events: ["stock.low", "reservation.held"] as const, skus: null }, true],
    ["another type", { events: ["stock.low"] as const, skus: null }, false],
    ["its SKU", { events: ["*"] as const, skus: ["max", "air"] }, true],
    ["another SKU", { events: ["*"] as const, skus: ["ai", "air2"] }, false],
    ["its SKU, another type", { events: ["sale.opened"] as const, skus: ["air"] }, false],
  ])("[WHK2] is those of %s", (_what, { events, skus }, isSent) => {
    expect(matches(hook({ events: [...events], skus }), held)).toBe(isSent);
  });

  it("[WHK2] is none of carts and drops where it names SKUs, whatever they are called", () => {
    const named = hook({ skus: ["air"] });
    expect(matches(named, logged(1, "cart/air", 1, "cart.held"))).toBe(false);
    expect(matches(named, logged(1, "drop/air", 1, "drop.updated"))).toBe(false);
    expect(matches(hook(), logged(1, "cart/air", 1, "cart.held"))).toBe(true);
  });

  it("[WHK2] is all types when one of those named is the star", () => {
    expect(typesOf(hook({ events: ["stock.low", "*"] }))).toBeNull();
    expect(typesOf(hook({ events: ["stock.low"] }))).toEqual(["stock.low"]);
  });
});

describe("the secrets of a webhook", () => {
  it("[WHK6] are two for a day after a rotation, the new one first", () => {
    const once = rotated(hook(), "whsec_second", T0);
    expect(secretsAt(hook(), T0)).toEqual(["whsec_first"]);
    expect(secretsAt(once, T0 + DAY - 1)).toEqual(["whsec_second", "whsec_first"]);
    expect(secretsAt(once, T0 + DAY)).toEqual(["whsec_second"]);
  });

  it("[WHK6] each sign for a day from their own replacement, however many came after", () => {
    const twice = rotated(rotated(hook(), "whsec_second", T0), "whsec_third", T0 + MINUTE);
    expect(secretsAt(twice, T0 + DAY - 1)).toEqual(["whsec_third", "whsec_second", "whsec_first"]);
    expect(secretsAt(twice, T0 + DAY)).toEqual(["whsec_third", "whsec_second"]);
    expect(secretsAt(twice, T0 + DAY + MINUTE)).toEqual(["whsec_third"]);
  });

  it("[WHK6] that have had their time are forgotten at the next rotation", () => {
    const later = rotated(rotated(hook(), "whsec_second", T0), "whsec_third", T0 + DAY);
    expect(later.previousSecrets.map(({ secret }) => secret)).toEqual(["whsec_second"]);
  });

  it("[WHK6] are ten at most: one more waits until the oldest has had its time", () => {
    let full = hook();
    for (let count = 2; count <= WEBHOOK_SECRETS_MAX; count++) full = rotated(full, `whsec_${count}`, T0 + count);
    expect(secretsAt(full, T0 + MINUTE)).toHaveLength(WEBHOOK_SECRETS_MAX);
    const oldestValidUntil = T0 + 2 + DAY;
    expect(rotate(full, "whsec_more", oldestValidUntil - 1)).toEqual({
      ok: false,
      refusal: { code: "too-many-secrets", limit: WEBHOOK_SECRETS_MAX, oldestValidUntil },
    });
    expect(secretsAt(rotated(full, "whsec_more", oldestValidUntil), oldestValidUntil)).toHaveLength(
      WEBHOOK_SECRETS_MAX,
    );
  });
});

describe("a webhook that is moved back", () => {
  it("[WHK13] begins after the position, and never skips what it has not come to", () => {
    const at100 = hook({}, { cursor: 100, start: 50 });
    expect(moveBack(at100, 70, T0)).toMatchObject({ cursor: 70, start: 50, round: 2 });
    expect(moveBack(at100, 20, T0)).toMatchObject({ cursor: 20, start: 20 });
    expect(moveBack(at100, 200, T0)).toMatchObject({ cursor: 100, start: 50 });
  });

  it("[WHK13] goes on when it was stopped, with nothing held against it", () => {
    const stopped = stop(hook({}, { failingSince: T0, pausedUntil: T0 + DAY }), "unreachable", T0);
    expect(moveBack(stopped, 0, T0 + DAY)).toMatchObject({
      status: "active",
      stoppedReason: null,
      failingSince: null,
      pausedUntil: null,
      version: 3,
      updatedAt: T0 + DAY,
    });
  });
});

describe("a webhook that was stopped or deleted", () => {
  it("[WHK11] keeps the reason that it was stopped for first", () => {
    const stopped = stop(hook(), "gone", T0);
    expect(stopped).toMatchObject({ status: "stopped", stoppedReason: "gone", version: 2 });
    expect(stop(stopped, "unreachable", T0 + DAY)).toBe(stopped);
  });

  it("[WHK14] is no more once it was deleted", () => {
    const deleted = remove(stop(hook(), "gone", T0), T0 + MINUTE);
    expect(deleted).toMatchObject({ status: "deleted", stoppedReason: null, version: 3, updatedAt: T0 + MINUTE });
    expect(stop(deleted, "gone", T0 + DAY)).toBe(deleted);
  });
});
