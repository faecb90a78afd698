import { describe, expect, it } from "vitest";
import type { Drop, Movement } from "../../src/client/client.ts";
import type { Refusal } from "../../src/client/refusal.ts";
import { withDrop } from "../../src/web/console/sales/drop-state.ts";
import { findLatest } from "../../src/web/console/sales/movements-latest.ts";

describe("the latest movements", () => {
  const queries: number[] = [];
  /** Finds them where these events moved stock. */
  async function find(sequences: readonly number[], version: number) {
    queries.length = 0;
    const result = await findLatest(async ({ after, limit }) => {
      queries.push(Number(after));
      const beyond = sequences.filter((sequence) => sequence > Number(after));
      const items = beyond.slice(0, limit).map((sequence) => ({ id: String(sequence) }) as Movement);
      const nextCursor = beyond.length > limit ? (items.at(-1)?.id ?? null) : null;
      return { ok: true, value: { items, nextCursor }, replayed: false, recorded: null };
    }, version);
    if (!result.ok) throw new Error(result.refusal.code);
    return { ids: result.value.movements.map(({ id }) => Number(id)), lookedAt: result.value.lookedAt };
  }
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  it("are the newest, also when a busy sale is far beyond the version that is known", async () => {
    const { ids } = await find(upTo(5_000), 3_000);
    expect([ids.length, ids.at(0), ids.at(-1)]).toEqual([12, 5_000, 4_989]);
    expect((await find(upTo(150), 150)).ids.at(0)).toBe(150);
    expect(queries).toEqual([50]);
  });

  it("are looked for further back where the last events moved nothing", async () => {
    expect(await find([1, 2, 700], 1_000)).toEqual({ ids: [700, 2, 1], lookedAt: null });
    expect(await find([12_000], 12_500)).toEqual({ ids: [12_000], lookedAt: 1_000 });
  });

  it("are those that are still kept, where what was before was removed", async () => {
    const oldest = 400;
    const found = await findLatest(async ({ after }) => {
      if (Number(after) < oldest - 1) return { ok: false, refusal: { code: "gone", oldest } as Refusal<"gone"> };
      return {
        ok: true,
        value: { items: [{ id: "450" } as Movement], nextCursor: null },
        replayed: false,
        recorded: null,
      };
    }, 450);
    expect(found).toMatchObject({ ok: true, value: { movements: [{ id: "450" }] } });
  });

  it("are none among so many, or none at all", async () => {
    expect(await find([1], 50_000)).toEqual({ ids: [], lookedAt: 10_000 });
    expect(await find([], 40)).toEqual({ ids: [], lookedAt: null });
  });
});

it("keeps of a drop what is newest, and changes nothing for what is known", () => {
  const drop = (name: string, revision: number) => ({ drop: name, revision }) as Drop;
  const known = withDrop(new Map(), drop("a", 2));
  expect(withDrop(known, drop("a", 1))).toBe(known);
  expect(withDrop(known, drop("a", 3)).get("a")?.revision).toBe(3);
  expect([...withDrop(known, drop("b", 1)).keys()]).toEqual(["a", "b"]);
});
