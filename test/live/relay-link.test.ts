import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RelayPush } from "../../src/contracts/live.ts";
import { RELAY_INTERVAL_MS } from "../../src/domain/bounds.ts";
import type { SkuView } from "../../src/domain/model.ts";
import { RelayLink } from "../../src/live/relay-link.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("[LIV8] feeds a Relay at once after a quiet moment, and then at its pace with the last state", async () => {
  let version = 0;
  const pushed: number[] = [];
  const link = new RelayLink({
    latest: () => ({ view: { version } as SkuView, push: { version } as unknown as Omit<RelayPush, "personal"> }),
    push: async (push) => {
      pushed.push((push as unknown as { version: number }).version);
      return "anonymous";
    },
    timesAsked: () => 0,
    forget: () => {},
  });
  const change = () => {
    version += 1;
    link.changed(null);
  };
  change();
  await vi.advanceTimersByTimeAsync(0);
  expect(pushed).toEqual([1]);
  change();
  await vi.advanceTimersByTimeAsync(RELAY_INTERVAL_MS / 2);
  change();
  await vi.advanceTimersByTimeAsync(RELAY_INTERVAL_MS / 2 - 1);
  expect(pushed).toEqual([1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(pushed).toEqual([1, 3]);
});
