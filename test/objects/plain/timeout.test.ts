import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { waitFor, withTimeout } from "../../../src/objects/shared/timeout.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => {});

describe("a wait that may be given up", () => {
  it("brings what the work brings, and leaves no timer behind", async () => {
    expect(await withTimeout(Promise.resolve("done"), 1_000, "it")).toBe("done");
    await expect(withTimeout(Promise.reject(new Error("broken")), 1_000, "it")).rejects.toThrow("broken");
    await waitFor(Promise.resolve(), 1_000, new Timers());
    await expect(waitFor(Promise.reject(new Error("broken")), 1_000, new Timers())).rejects.toThrow("broken");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is given up when its time is over, and not before", async () => {
    const ended: unknown[] = [];
    void withTimeout(never, 1_000, "the other side").catch((error: unknown) => ended.push(error));
    void waitFor(never, 1_000, new Timers()).then(() => ended.push("over"));
    await vi.advanceTimersByTimeAsync(999);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual([new Error("the other side did not answer in time"), "over"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
