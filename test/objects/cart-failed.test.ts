import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { CartCase } from "./cart-case.ts";
import { d1Count } from "./d1-state.ts";

afterEach(() => void vi.restoreAllMocks());

it("[CRT31] writes nothing of a cart that found a line refused by looking", async () => {
  const made = await CartCase.make();
  await made.plain.run({ type: "adjust", delta: -2, reason: "gone" });
  await made.limited.run({ type: "adjust", delta: -2, reason: "gone" });
  const writes = await runInDurableObject(made.stub, (_instance, { storage }) => vi.spyOn(storage, "transactionSync"));
  const refusal = { code: "insufficient-stock" };
  expect(await made.open()).toMatchObject({ notHeld: { lines: [{ refusal }, { refusal }] } });
  expect(writes).not.toHaveBeenCalled();
  // The spy is on what the cart writes with.
  await made.plain.run({ type: "adjust", delta: 2, reason: "came" });
  await made.limited.run({ type: "adjust", delta: 2, reason: "came" });
  expect(await made.open()).toMatchObject({ ok: true });
  expect(writes).toHaveBeenCalledTimes(2);
});

it("[CRT14] leaves nothing of a cart that was not held: no row in its object, none in D1, and no unit", async () => {
  const made = await CartCase.make();
  // The first line is tried before the drop's limit refuses the other one, or the other way round.
  await made.limited.hold({ customer: made.customer });
  expect(await made.open()).toHaveProperty("notHeld");
  const rows = await runInDurableObject(made.stub, (_instance, { storage: { sql } }) =>
    ["cart WHERE id", "event WHERE cart", "command WHERE owner", "departed WHERE id"].flatMap((of) =>
      sql.exec(`SELECT * FROM ${of} = ?`, made.id).toArray(),
    ),
  );
  expect(rows).toEqual([]);
  await Promise.all([made.plain.recorded(), made.limited.recorded()]);
  expect(await made.plain.look()).toMatchObject({ available: 2, held: 0 });
  expect(await made.limited.look()).toMatchObject({ available: 1, held: 1 });
  expect([await d1Count(made.plain, "reservation"), await d1Count(made.limited, "reservation")]).toEqual([0, 1]);
  const count = (query: string) => env.DB.prepare(query).bind(made.id).first("count");
  expect(await count("SELECT COUNT(*) AS count FROM cart WHERE id = ?")).toBe(0);
  expect(await count("SELECT COUNT(*) AS count FROM event WHERE stream = 'cart/' || ?")).toBe(0);
});
