import { describe, expect, it } from "vitest";
import { ANSWER, Announcements } from "../../src/web/shop/announcements.ts";

/** What is said, and how to let the time of one announcement pass. */
function listen() {
  const said: string[] = [];
  const later: (() => void)[] = [];
  const announcements = new Announcements(
    (text) => said.push(text),
    (_ms, then) => later.push(then),
  );
  return { said, announcements, later };
}

describe("announcements", () => {
  it("are not made faster than they can be heard, and of each subject only the newest is left", () => {
    const { said, announcements, later } = listen();
    announcements.announce("41", "5 left");
    announcements.announce("41", "4 left");
    announcements.announce("time", "1 minute left");
    announcements.announce("41", "3 left");
    expect(said).toEqual(["5 left"]);
    while (later.length > 0) later.shift()?.();
    expect(said).toEqual(["5 left", "3 left", "1 minute left"]);
    announcements.announce("41", "2 left");
    expect(said.at(-1)).toBe("2 left");
  });

  it("answer a press at once, and leave the answer its time", () => {
    const { said, announcements, later } = listen();
    announcements.announce("41", "5 left");
    announcements.announce("41", "4 left");
    announcements.announce(ANSWER, "Removed from your cart.");
    expect(said).toEqual(["5 left", "Removed from your cart."]);
    later.shift()?.();
    expect(said).toHaveLength(2);
    later.shift()?.();
    expect(said.at(-1)).toBe("4 left");
  });
});
