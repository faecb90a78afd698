import { beforeEach, expect, it, vi } from "vitest";
import type { Attendance, StockPush } from "../../../src/contracts/live.ts";
import {
  OBJECT_CALL_MS,
  PERSONAL_FRAMES_MAX,
  RELAY_INTERVAL_MS,
  RELAY_RETRIES_MAX,
  RELAY_RETRY_MS,
  WATCHERS_MAX,
} from "../../../src/domain/bounds.ts";
import type { SkuView } from "../../../src/domain/model.ts";
import { placeOf } from "../../../src/domain/relay-placement.ts";
import { RelayChannel } from "../../../src/live/relay-channel.ts";
import { FakeClock } from "../../fake-clock.ts";

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

const pass = (ms: number) => clock.pass(ms);
/** What a Relay answers after a while. */
const after = async (ms: number, answer: Attendance) => {
  await clock.pause(ms);
  return answer;
};
const frame = (text: string) => ({ customer: "ann", frame: text, warns: null });

/** A link to a Relay that answers at once, or as it is told; what was pushed to it, and whether it was forgotten. */
function linked(answer: (asksWho: boolean) => Promise<Attendance> = async () => ({ isWatched: true, places: null })) {
  let view = { version: 0 } as SkuView;
  const pushed: { version: number; frames: string[] }[] = [];
  const forget = vi.fn();
  const log = vi.fn();
  const link = new RelayChannel({
    clock,
    latest: () => ({ view, push: { version: view.version } as StockPush }),
    push: async (push) => {
      pushed.push({ version: push.version, frames: push.personal.map((one) => one.frame) });
      return answer(push.asksWho);
    },
    forget,
    log,
  });
  const change = (text?: string) => {
    view = { version: view.version + 1 } as SkuView;
    link.changed(text === undefined ? null : frame(text));
  };
  return { link, change, pushed, forget, log };
}

it("[LIV8] feeds a Relay at once after a quiet moment, and then at its pace with the last state", async () => {
  const { change, pushed } = linked();
  change();
  await pass(0);
  expect(pushed.map(({ version }) => version)).toEqual([1]);
  change();
  await pass(RELAY_INTERVAL_MS / 2);
  change();
  await pass(RELAY_INTERVAL_MS / 2 - 1);
  expect(pushed).toHaveLength(1);
  await pass(1);
  expect(pushed.map(({ version }) => version)).toEqual([1, 3]);
});

it("[LIV8] keeps what is a customer's own until a push arrives, repeats one that was lost once, and again when the Relay asks", async () => {
  let isDown = true;
  const { link, change, pushed } = linked(() =>
    isDown ? Promise.reject(new Error("lost")) : after(0, { isWatched: true, places: null }),
  );
  change("held");
  await pass(10 * RELAY_INTERVAL_MS);
  expect(pushed.map(({ frames }) => frames)).toEqual([["held"], ["held"]]);
  change("confirmed");
  await pass(10 * RELAY_INTERVAL_MS);
  expect(pushed.slice(2).map(({ frames }) => frames)).toEqual(Array(2).fill(["held", "confirmed"]));
  isDown = false;
  link.asked(null);
  await pass(10 * RELAY_INTERVAL_MS);
  expect(pushed.slice(4).map(({ frames }) => frames)).toEqual([["held", "confirmed"]]);
  link.asked(null);
  await pass(10 * RELAY_INTERVAL_MS);
  expect(pushed).toHaveLength(5);
  change();
  await pass(10 * RELAY_INTERVAL_MS);
  expect(pushed.slice(5).map(({ frames }) => frames)).toEqual([[]]);
});

it("[LIV8] tries again for a minute what is a customer's own, and no longer", async () => {
  let isDown = true;
  const { link, change, pushed, log } = linked(() =>
    isDown ? Promise.reject(new Error("lost")) : after(0, { isWatched: true, places: null }),
  );
  change("held");
  await pass(RELAY_INTERVAL_MS);
  expect(pushed).toHaveLength(2);
  await pass(RELAY_RETRY_MS);
  expect(pushed).toHaveLength(3);
  await pass(20 * RELAY_RETRY_MS);
  expect(pushed).toHaveLength(2 + RELAY_RETRIES_MAX);
  expect(pushed.at(-1)?.frames).toEqual(["held"]);
  expect(log).toHaveBeenLastCalledWith("relay_frames_lost", { frames: 1 });
  link.asked(null);
  await pass(RELAY_RETRY_MS);
  expect(pushed).toHaveLength(2 + RELAY_RETRIES_MAX);
  change("confirmed");
  await pass(RELAY_INTERVAL_MS);
  isDown = false;
  await pass(RELAY_RETRY_MS);
  expect(pushed.at(-1)?.frames).toEqual(["confirmed"]);
});

it("[LIV11] does not send on what was meant for others, once it knows who watches there", async () => {
  const { link, change, pushed } = linked((asksWho) =>
    after(10, { isWatched: true, places: asksWho ? [placeOf("bob")] : null }),
  );
  change();
  await pass(5);
  change("held");
  link.changed({ customer: "bob", frame: "bob's", warns: null });
  await pass(RELAY_INTERVAL_MS + 10);
  expect(pushed.map(({ frames }) => frames)).toEqual([[], ["bob's"]]);
});

it("[LIV8] keeps the newest of what is customers' own, and not without bound", async () => {
  const { link, change, pushed } = linked(() => Promise.reject(new Error("lost")));
  change();
  for (let number = 0; number <= PERSONAL_FRAMES_MAX; number += 1) link.changed(frame(String(number)));
  await pass(RELAY_INTERVAL_MS);
  expect(pushed.at(-1)?.frames).toHaveLength(PERSONAL_FRAMES_MAX);
  expect(pushed.at(-1)?.frames[0]).toBe("1");
});

it("[LIV11] knows who watches there once the Relay has said so, and of each who joins, also while it says so", async () => {
  const asked: boolean[] = [];
  const { link, change } = linked((asksWho) => {
    asked.push(asksWho);
    return after(10, { isWatched: true, places: asksWho ? [placeOf("bob")] : null });
  });
  const held = () => ["ann", "bob", "cid", "dora"].filter((customer) => link.mayHold(placeOf(customer)));
  expect(held()).toEqual(["ann", "bob", "cid", "dora"]);
  change();
  await pass(5);
  link.asked(placeOf("ann"));
  expect(held()).toEqual(["ann", "bob", "cid", "dora"]);
  await pass(5);
  expect(held()).toEqual(["ann", "bob"]);
  change();
  await pass(RELAY_INTERVAL_MS);
  link.asked(placeOf("cid"));
  await pass(10);
  expect(held()).toEqual(["ann", "bob", "cid"]);
  expect(asked).toEqual([true, false]);
});

it("[LIV11] asks anew when more have joined than a Relay has room for: most of them have left", async () => {
  const { link, change } = linked((asksWho) =>
    after(0, { isWatched: true, places: asksWho ? [placeOf("ann")] : null }),
  );
  change();
  await pass(1);
  expect(link.mayHold(placeOf("bob"))).toBe(false);
  for (let number = 1; number <= 2 * WATCHERS_MAX; number += 1) link.asked(placeOf(`customer-${number}`));
  expect(link.mayHold(placeOf("bob"))).toBe(true);
  change();
  await pass(RELAY_INTERVAL_MS + 1);
  expect([link.mayHold(placeOf("ann")), link.mayHold(placeOf("bob")), link.mayHold(placeOf("customer-1"))]).toEqual([
    true,
    false,
    false,
  ]);
});

it("[LIV8] ends with nobody there, sends nothing after that, and does not end when somebody has asked meanwhile", async () => {
  const { link, change, pushed, forget } = linked(() => after(10, { isWatched: false, places: [] }));
  change();
  await pass(5);
  link.asked(null);
  await pass(OBJECT_CALL_MS);
  expect(forget).not.toHaveBeenCalled();
  change();
  await pass(5);
  link.changed(frame("held"));
  await pass(OBJECT_CALL_MS);
  expect(forget).toHaveBeenCalledOnce();
  expect(pushed).toEqual([
    { version: 1, frames: [] },
    { version: 2, frames: [] },
  ]);
});
