import { describe, expect, it } from "vitest";
import { admin, call, newSku, reserve } from "../client.ts";
import { countsOf, openCart } from "./cart-client.ts";
import { expectProblem } from "./verdict.ts";
import { adjust, key } from "./waitlist-client.ts";

describe("callers who come at once", () => {
  it("[CRT14] with a cart that fails many times at once holds nothing, and once when there is stock", async () => {
    const [sku, gone] = [await newSku(5), await newSku(0)];
    const headers = key();
    const tryAll = () => Promise.all([1, 2, 3, 4].map(() => openCart([sku, gone], {}, headers)));
    for (const answer of await tryAll()) expectProblem(answer, "cart-not-held");
    expect(await countsOf(sku)).toEqual({ available: 5, held: 0, sold: 0 });
    await adjust(gone, 5);
    const held = await tryAll();
    expect(held.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(held.map(({ body }) => body.id)).size).toBe(1);
    expect([await countsOf(sku), await countsOf(gone)]).toMatchObject([{ held: 1 }, { held: 1 }]);
  });

  it("[DRP10] makes changes that come at once one after another", async () => {
    const drop = await newDrop();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_none, index) =>
        call("PATCH", `/v1/drops/${drop}`, { as: admin, body: { name: `n${index}` } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(answers.map(({ body }) => body.revision).sort()).toEqual([2, 3, 4, 5, 6, 7]);
    for (const [index, { body }] of answers.entries()) expect(body.name).toBe(`n${index}`);
  });

  it("[IDM2] [TRY5] with one key for a claim that a drop's limit counts are all told that it is the first answer", async () => {
    const sku = await newSku(9);
    const body = { drop: `drop-${sku}`, name: "Noon", skus: [sku], perCustomerLimit: 5 };
    await call("POST", "/v1/drops", { as: admin, body });
    const headers = key();
    const answers = await Promise.all([1, 2, 3, 4].map(() => reserve(sku, "ann", 1, headers)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1);
    expect(answers.filter(({ headers: given }) => given.has("Idempotency-Replayed"))).toHaveLength(3);
  });
});

async function newDrop(): Promise<string> {
  const skus = [await newSku(5), await newSku(5)];
  const drop = `drop-${skus[0]}`;
  await call("POST", "/v1/drops", { as: admin, body: { drop, name: "Noon", skus } });
  return drop;
}
