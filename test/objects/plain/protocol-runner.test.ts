import { beforeEach, describe, expect, it, vi } from "vitest";
import { ProtocolRunner } from "../../../src/objects/shared/protocol-runner.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";
import { FakeClock } from "../../fake-clock.ts";

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

/** Runs one message that is said until it is answered with true. */
function runnerOf(say: () => Promise<boolean>) {
  let isDone = false;
  const protocol = {
    messages: () => (isDone ? [] : ["go on"]),
    say,
    take: (answers: readonly { answer: boolean }[]) => {
      isDone = answers.some(({ answer }) => answer);
      return isDone;
    },
  };
  return new ProtocolRunner<string, boolean>(protocol, new Timers(null, clock));
}

/** When a run ended, counted from now; null while it goes on. */
function watch(run: Promise<void>): { endedAfterMs: number | null } {
  const began = clock.now();
  const watched: { endedAfterMs: number | null } = { endedAfterMs: null };
  void run.then(() => {
    watched.endedAfterMs = clock.now() - began;
  });
  return watched;
}

describe("a run of a protocol", () => {
  it("[API13] answers when its caller's patience is over, whatever the other side does", async () => {
    const watched = watch(runnerOf(() => new Promise(() => {})).run(9_000));
    await clock.pass(60_000);
    expect(watched.endedAfterMs).toBe(9_000);
  });

  it("[API13] ends with the patience of its caller, not after the pause that has begun before", async () => {
    const say = vi.fn(async () => false);
    const watched = watch(runnerOf(say).run(9_000));
    await clock.pass(60_000);
    expect(watched.endedAfterMs).toBe(9_000);
    // 0, 0.1, 0.3, 0.7, 1.5, 3.1 and 6.3 s, and once more at the end.
    expect(say).toHaveBeenCalledTimes(8);
  });

  it("[API13] is shared by all callers, each with its own patience", async () => {
    const runner = runnerOf(() => new Promise(() => {}));
    const first = watch(runner.run(9_000));
    const second = watch(runner.run(2_000));
    await clock.pass(60_000);
    expect([first.endedAfterMs, second.endedAfterMs]).toEqual([9_000, 2_000]);
    expect(runner.isRunning).toBe(true);
  });

  it("goes on for a caller who joined a run that ended with somebody else's patience", async () => {
    let answer = false;
    const runner = runnerOf(async () => answer);
    const first = watch(runner.run(1_000));
    await clock.pass(900);
    const second = watch(runner.run(9_000));
    await clock.pass(200);
    answer = true;
    await clock.pass(60_000);
    expect(first.endedAfterMs).toBe(1_000);
    expect(second.endedAfterMs).toBeLessThan(1_000);
  });

  it("ends as soon as the protocol rests, and leaves no timer behind", async () => {
    const watched = watch(runnerOf(async () => true).run(9_000));
    await clock.pass(0);
    expect([watched.endedAfterMs, clock.timers]).toEqual([0, []]);
  });
});
