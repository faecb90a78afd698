import { beforeEach, describe, expect, it } from "vitest";
import {
  LINE_CALL_PACE_MS,
  LINE_COMMANDS_PER_CALL_MAX,
  LINE_COMMANDS_WAITING_MAX,
} from "../../../src/domain/bounds.ts";
import { internalRequest, type Outcome, type Request, refused } from "../../../src/domain/command.ts";
import { LineCalls } from "../../../src/objects/cart/line-calls.ts";
import { Timers } from "../../../src/objects/shared/timers.ts";
import { FakeClock, settled } from "../../fake-clock.ts";

/** Refuses a request in words of its own, so that it is known whose answer it is. */
function answerTo({ command }: Request): Outcome {
  return refused({ code: "invalid-request", detail: command.type === "confirm" ? command.id : "?" });
}

/** SKUs that answer when they are told to. */
class Skus {
  readonly clock = new FakeClock();
  readonly calls: { sku: string; ids: string[]; answer: () => Promise<void>; fail: () => Promise<void> }[] = [];
  readonly out = new LineCalls(
    {
      SKU: { getByName: (sku: string) => ({ execute: (requests: Request[]) => this.#execute(sku, requests) }) },
    } as never,
    new Timers(null, this.clock),
  );

  #execute(sku: string, requests: Request[]): Promise<{ outcomes: Outcome[] }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ outcomes: Outcome[] }>();
    this.calls.push({
      sku,
      ids: requests.map(({ command }) => (command.type === "confirm" ? command.id : "?")),
      answer: () => {
        resolve({ outcomes: requests.map(answerTo) });
        return settled();
      },
      fail: () => {
        reject(new Error("not now"));
        return settled();
      },
    });
    return promise;
  }

  /** What a cart says, and hears: its own answers, or that nobody knows. */
  async says(...ids: string[]): Promise<string> {
    try {
      const outcomes = await this.out.execute(
        "shoe",
        ids.map((id) => internalRequest({ type: "confirm", id })),
      );
      const known = ids.map((id) => answerTo(internalRequest({ type: "confirm", id })));
      return JSON.stringify(outcomes) === JSON.stringify(known) ? "answered" : "somebody else's answer";
    } catch (error) {
      return (error as Error).message;
    }
  }

  get sent(): string[][] {
    return this.calls.map(({ ids }) => ids);
  }
}

describe("the calls of carts to a SKU", () => {
  let skus: Skus;
  beforeEach(() => {
    skus = new Skus();
  });

  it("[CRT28] take all that is said in the same turn, and give each its own answers", async () => {
    const said = [skus.says("a"), skus.says("b", "c"), skus.says("d")];
    await settled();
    expect(skus.sent).toEqual([["a", "b", "c", "d"]]);
    await skus.calls[0]?.answer();
    expect(await Promise.all(said)).toEqual(["answered", "answered", "answered"]);
  });

  it("[CRT28] gather while one is under way, until it comes back", async () => {
    const first = skus.says("a");
    await settled();
    const later = [skus.says("b"), skus.says("c")];
    await skus.clock.pass(LINE_CALL_PACE_MS - 1);
    expect(skus.sent).toEqual([["a"]]);
    await skus.calls[0]?.answer();
    expect(skus.sent).toEqual([["a"], ["b", "c"]]);
    await skus.calls[1]?.answer();
    expect(await Promise.all([first, ...later])).toEqual(["answered", "answered", "answered"]);
    expect(skus.clock.timers).toEqual([]);
  });

  it("[CRT29] wait for one that does not come back no longer than a moment", async () => {
    const stuck = skus.says("a");
    await settled();
    const other = skus.says("b");
    await skus.clock.pass(LINE_CALL_PACE_MS);
    expect(skus.sent).toEqual([["a"], ["b"]]);
    await skus.calls[1]?.answer();
    expect(await other).toBe("answered");
    await skus.calls[0]?.answer();
    expect(await stuck).toBe("answered");
  });

  it("[CRT29] that fail at once are made again for each cart alone", async () => {
    const said = [skus.says("bad"), skus.says("good"), skus.says("fine", "well")];
    await settled();
    await skus.calls[0]?.fail();
    expect(skus.sent.slice(1)).toEqual([["bad"], ["good"], ["fine", "well"]]);
    await skus.calls[1]?.fail();
    await skus.calls[2]?.answer();
    await skus.calls[3]?.answer();
    expect(await Promise.all(said)).toEqual(["not now", "answered", "answered"]);
  });

  it("[CRT28] are bounded, and so is what waits for them", async () => {
    const first = skus.says("a");
    await settled();
    const waiting = Array.from({ length: LINE_COMMANDS_WAITING_MAX }, (_none, index) => skus.says(`${index}`));
    expect(await skus.says("one too many")).toBe("too many lines wait for it");
    await skus.calls[0]?.answer();
    for (let call = 1; call < skus.calls.length; call += 1) await skus.calls[call]?.answer();
    expect(Math.max(...skus.sent.map(({ length }) => length))).toBe(LINE_COMMANDS_PER_CALL_MAX);
    expect(new Set(await Promise.all([first, ...waiting]))).toEqual(new Set(["answered"]));
  });
});
