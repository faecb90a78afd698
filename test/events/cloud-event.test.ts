import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../../src/domain/log.ts";
import { cloudEvent } from "../../src/events/cloud-event.ts";

const event: LoggedEvent = {
  position: 40,
  stream: "sku/air",
  sku: "air",
  sequence: 17,
  type: "stock.adjusted",
  time: Date.UTC(2026, 10, 24, 12),
  dStock: 5,
  dHeld: 0,
  dSold: 0,
  reservation: null,
  entry: null,
  detail: { delta: 5, reason: "found" },
};

describe("a CloudEvent", () => {
  it("[WHK5] has the context that CloudEvents 1.0 asks for, and the data of the feed", () => {
    expect(JSON.parse(cloudEvent(event, 12))).toEqual({
      specversion: "1.0",
      id: "sku/air:17",
      source: "/v1/events",
      type: "stock.adjusted",
      subject: "sku/air",
      time: "2026-11-24T12:00:00.000Z",
      datacontenttype: "application/json",
      sequence: "0000000017",
      data: {
        dStock: 5,
        dHeld: 0,
        dSold: 0,
        delta: 5,
        reason: "found",
        stream: "sku/air",
        sku: "air",
        sequence: 17,
        position: 40,
        previous: 12,
      },
    });
  });

  it("[WHK5] has attributes of lower-case letters and digits only", () => {
    const { data: _, ...attributes } = JSON.parse(cloudEvent(event, null)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(attributes)) {
      expect(name).toMatch(/^[a-z0-9]{1,20}$/);
      expect(value).not.toBeNull();
    }
  });

  it("[WHK5] has sequences that compare as text as they do as numbers", () => {
    const texts = [9, 10, 99, 100, 1_000_000].map(
      (sequence) => (JSON.parse(cloudEvent({ ...event, sequence }, null)) as { sequence: string }).sequence,
    );
    expect([...texts].sort()).toEqual(texts);
  });
});
