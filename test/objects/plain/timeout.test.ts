import { beforeEach, describe, expect, it } from "vitest";
import { waitFor, withTimeout } from "../../../src/objects/shared/timeout.ts";
import { FakeClock } from "../../fake-clock.ts";

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

const never = new Promise<never>(() => {});

describe("a wait that may be given up", () => {
  it("brings what the work brings, and leaves no timer behind", async () => {
    expect(await withTimeout(Promise.resolve("done"), 1_000, "it", clock)).toBe("done");
    await expect(withTimeout(Promise.reject(new Error("broken")), 1_000, "it", clock)).rejects.toThrow("broken");
    await waitFor(Promise.resolve(), 1_000, clock);
    await expect(waitFor(Promise.reject(new Error("broken")), 1_000, clock)).rejects.toThrow("broken");
    expect(clock.timers).toEqual([]);
  });

  it("is given up when its time is over, and not before", async () => {
    const ended: unknown[] = [];
    void withTimeout(never, 1_000, "the other side", clock).catch((error: unknown) => ended.push(error));
    void waitFor(never, 1_000, clock).then(() => ended.push("over"));
    await clock.pass(999);
    expect(ended).toEqual([]);
    await clock.pass(1);
    expect(ended).toEqual([new Error("the other side did not answer in time"), "over"]);
    expect(clock.timers).toEqual([]);
  });
});
