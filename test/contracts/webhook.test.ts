import { describe, expect, it } from "vitest";
import { deliveryToWire, webhookStateToWire, webhookToWire } from "../../src/contracts/present-webhook.ts";
import {
  createWebhook,
  deliveryPageQuery,
  deliveryView,
  redeliverSince,
  webhookStateView,
  webhookView,
} from "../../src/contracts/webhook.ts";
import { WEBHOOK_SKUS_MAX, WEBHOOK_URL_CHARS_MAX } from "../../src/domain/bounds.ts";
import { EVENT_TYPES } from "../../src/domain/log.ts";
import { remove } from "../../src/domain/webhook.ts";
import { DAY, delivery, hook, rotated, T0 } from "../domain/webhook-case.ts";

const url = "https://hooks.example/";
const names = (count: number) => Array.from({ length: count }, (_none, index) => `sku-${index}`);
const isFit = (body: unknown) => createWebhook.safeParse(body).success;

describe("a body that registers a webhook", () => {
  it("[WHK1] names 1 to 2,048 characters of URL", () => {
    expect(isFit({ url: "x".repeat(WEBHOOK_URL_CHARS_MAX), events: ["*"] })).toBe(true);
    expect(isFit({ url: "x".repeat(WEBHOOK_URL_CHARS_MAX + 1), events: ["*"] })).toBe(false);
    expect(isFit({ url: "", events: ["*"] })).toBe(false);
  });

  it("[WHK2] names every type of event, each once, or the star", () => {
    expect(isFit({ url, events: ["*", ...EVENT_TYPES] })).toBe(true);
    expect(isFit({ url, events: [...EVENT_TYPES, EVENT_TYPES[0]] })).toBe(false);
    expect(isFit({ url, events: [] })).toBe(false);
    expect(isFit({ url, events: "*" })).toBe(false);
  });

  it("[WHK2] names 1 to 100 SKUs, each once, or none at all", () => {
    expect(isFit({ url, events: ["*"], skus: names(WEBHOOK_SKUS_MAX) })).toBe(true);
    expect(isFit({ url, events: ["*"], skus: names(WEBHOOK_SKUS_MAX + 1) })).toBe(false);
    expect(isFit({ url, events: ["*"], skus: ["air", "air"] })).toBe(false);
    expect(isFit({ url, events: ["*"], skus: null })).toBe(false);
  });

  it("[WHK13] names a time from which on to send again", () => {
    expect(redeliverSince.safeParse({ since: "2026-11-24T12:00:00+01:00" }).success).toBe(true);
    expect(redeliverSince.safeParse({ since: "2026-11-24" }).success).toBe(false);
    expect(deliveryPageQuery.safeParse({ limit: "201" }).success).toBe(false);
  });
});

describe("what is shown of a webhook", () => {
  it("[WHK1] never holds a secret", () => {
    const twice = rotated(rotated(hook(), "whsec_second", T0), "whsec_third", T0);
    const shown = [webhookToWire(twice), webhookStateToWire(twice, 3, 5, T0)];
    expect(JSON.stringify(shown)).not.toContain("whsec_");
    expect(webhookView.safeParse(shown[0]).success).toBe(true);
    expect(webhookStateView.safeParse(shown[1]).success).toBe(true);
  });

  it("[WHK17] names times ahead only as long as they are", () => {
    const paused = { ...rotated(hook(), "whsec_second", T0), pausedUntil: T0 + 1 };
    const ahead = webhookStateToWire(paused, 0, null, T0);
    expect(ahead).toMatchObject({ unread: null, pausedUntil: "2026-11-24T12:00:00.001Z" });
    expect(ahead.previousSecretValidUntil).toBe("2026-11-25T12:00:00.000Z");
    const past = webhookStateToWire(paused, 0, null, T0 + DAY);
    expect(past).toMatchObject({ pausedUntil: null, previousSecretValidUntil: null });
  });

  it("[WHK14] is nothing once it was deleted", () => {
    expect(() => webhookToWire(remove(hook(), T0))).toThrow();
  });

  it("[WHK17] are deliveries with their last try", () => {
    const lastAttempt = { at: T0, durationMs: 12, status: 500, error: null };
    const shown = deliveryToWire(delivery(7, "sku/air", { attempts: 1, lastAttempt }));
    expect(deliveryView.parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({ id: "7", lastAttempt: { ...lastAttempt, at: "2026-11-24T12:00:00.000Z" } });
    expect(JSON.stringify(shown)).not.toMatch(/aside|round|tries/);
  });
});
