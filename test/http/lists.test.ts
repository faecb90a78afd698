import { afterEach, describe, expect, it, vi } from "vitest";
import { movementPage, reservationPage, skuPage } from "../../src/contracts/page.ts";
import { type Answer, admin, call, newSku, reserve, storefront, tokenFor } from "../client.ts";
import { serviceWith } from "./service.ts";
import { expectInvalid, expectProblem } from "./verdict.ts";

const RECORDED = { Prefer: "wait=10" };
const list = (query: Record<string, string | number>, as = storefront) =>
  call("GET", `/v1/reservations?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`, { as });

interface Item {
  [member: string]: unknown;
}
const itemsOf = ({ body }: Answer) => body.items as Item[];
const idsOf = (answer: Answer) => itemsOf(answer).map(({ id }) => id);

/** All pages, one after another, as a client reads them. */
async function pages(read: (cursor: string | null) => Promise<Answer>): Promise<Item[][]> {
  const found: Item[][] = [];
  let cursor: string | null = null;
  do {
    const answer = await read(cursor);
    expect(answer.status).toBe(200);
    found.push(itemsOf(answer));
    cursor = answer.body.nextCursor as string | null;
  } while (cursor !== null);
  return found;
}

/** A SKU on which ann has five reservations and bob one, all of them in D1; ann's ids, newest first. */
async function filled() {
  const sku = await newSku(20);
  const ann = `ann-${sku}`;
  const ids: unknown[] = [];
  for (let made = 0; made < 5; made++) ids.unshift((await reserve(sku, ann)).body.id);
  const bobs = await reserve(sku, `bob-${sku}`, 1, RECORDED);
  expect(bobs.headers.get("Holdfast-Recorded")).toBe("d1");
  return { sku, ann, ids, bobsId: bobs.body.id };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the list of reservations", () => {
  it("[API9] is newest first, by customer, SKU and status", async () => {
    const { sku, ann, ids, bobsId } = await filled();
    const whole = await list({ sku });
    expect(idsOf(whole)).toEqual([bobsId, ...ids]);
    expect(reservationPage.parse(whole.body)).toEqual(whole.body);
    expect(whole.body.nextCursor).toBeNull();
    expect(idsOf(await list({ customer: ann }))).toEqual(ids);
    const confirm = `/v1/skus/${sku}/reservations/${ids[1]}/confirm`;
    await call("POST", confirm, { as: storefront, headers: RECORDED });
    expect(idsOf(await list({ customer: ann, sku, status: "confirmed" }))).toEqual([ids[1]]);
    expect(idsOf(await list({ customer: ann, status: "held" }))).toEqual([ids[0], ...ids.slice(2)]);
    expect(idsOf(await list({ customer: ann, status: "expired" }))).toEqual([]);
  });

  it.each([1, 2, 3, 5, 6, 200])("[API9] in pages of %i has no gap and no repetition", async (limit) => {
    const { sku, ids, bobsId } = await filled();
    const read = (cursor: string | null) => list({ sku, limit, ...(cursor === null ? {} : { cursor }) });
    const found = await pages(read);
    expect(found.flat().map(({ id }) => id)).toEqual([bobsId, ...ids]);
    for (const page of found) expect(page.length).toBeLessThanOrEqual(limit);
    expect(found.length).toBe(Math.ceil(6 / limit));
  });

  it("[API9] is not moved by what comes in between two pages", async () => {
    const { sku, ann, ids } = await filled();
    const first = await list({ customer: ann, limit: 2 });
    await reserve(sku, ann, 1, RECORDED);
    const second = await list({ customer: ann, limit: 200, cursor: String(first.body.nextCursor) });
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
  });

  it("[API9] binds a cursor to its filters", async () => {
    const { sku, ann } = await filled();
    const cursor = String((await list({ customer: ann, limit: 2 })).body.nextCursor);
    expect((await list({ customer: ann, limit: 3, cursor })).status).toBe(200);
    for (const other of [{}, { customer: `bob-${sku}` }, { customer: ann, sku }, { customer: ann, status: "held" }]) {
      expectInvalid(await list({ ...other, cursor }), "cursor");
    }
    expectInvalid(await call("GET", `/v1/skus?cursor=${encodeURIComponent(cursor)}`, { as: admin }), "cursor");
  });

  it("[SEC1] shows a shopper its own only, whatever it asks", async () => {
    const { sku, ann, ids } = await filled();
    const as = await tokenFor("shopper", ann);
    for (const query of [{}, { sku }, { customer: ann }]) expect(idsOf(await list(query, as))).toEqual(ids);
    expect(idsOf(await list({ sku }, await tokenFor("shopper", "nobody")))).toEqual([]);
    expectProblem(await list({ customer: `bob-${sku}` }, as), "forbidden");
  });

  it("[API9] of a shopper pages with a cursor of its own", async () => {
    const { sku, ann, ids } = await filled();
    const as = await tokenFor("shopper", ann);
    const read = (cursor: string | null) => list({ limit: 2, ...(cursor === null ? {} : { cursor }) }, as);
    expect((await pages(read)).flat().map(({ id }) => id)).toEqual(ids);
    const cursor = String((await list({ limit: 2 }, as)).body.nextCursor);
    expectInvalid(await list({ cursor }, await tokenFor("shopper", `bob-${sku}`)), "cursor");
  });

  it.each([
    ["limit", "0"],
    ["limit", "201"],
    ["limit", "-1"],
    ["limit", "1.5"],
    ["limit", "many"],
    ["limit", ""],
    ["cursor", ""],
    ["cursor", "garbage"],
    ["cursor", "%%%"],
    ["cursor", "x".repeat(513)],
    ["cursor", btoa("[1,2]")],
    ["status", "gone"],
    ["sku", "a/b"],
    ["customer", ""],
    ["customer", "x".repeat(256)],
    ["page", "2"],
  ])("[API9] refuses %s=%s", async (name, value) => {
    expectInvalid(await list({ [name]: value }), name);
  });

  it("[API9] says how far it goes", async () => {
    const { sku } = await filled();
    const { updatedAt } = (await call("GET", `/v1/skus/${sku}`)).body;
    expect((await list({ sku })).headers.get("Holdfast-As-Of")).toBe(updatedAt);
    expect((await list({ sku: "no-such-sku" })).headers.get("Holdfast-As-Of")).toBeNull();
  });

  it("[TXN6] without D1 is unavailable and never looks empty", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const broken = serviceWith({ DB: {} as D1Database });
    for (const path of ["/v1/reservations", "/v1/skus", "/v1/skus/any/movements"]) {
      const answer = await broken("GET", path, { as: admin });
      expectProblem(answer, "unavailable");
      expect(answer.headers.get("Retry-After")).toBe("1");
    }
  });
});

describe("the list of SKUs", () => {
  it("[API9] is by name, in pages without gaps", async () => {
    const made = [await newSku(1), await newSku(2), await newSku(3)];
    for (const sku of made) await reserve(sku, "ann", 1, RECORDED);
    const read = (cursor: string | null) =>
      call("GET", `/v1/skus?limit=2${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`, { as: admin });
    const names = (await pages(read)).flat().map(({ sku }) => String(sku));
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toEqual(expect.arrayContaining(made));
    const all = await call("GET", "/v1/skus?limit=200", { as: admin });
    expect(skuPage.parse(all.body)).toEqual(all.body);
    const live = (await call("GET", `/v1/skus/${made[2]}`, { as: admin })).body;
    expect(itemsOf(all)).toContainEqual(live);
  });

  it.each(["limit=0", "limit=201", "cursor=garbage", "sku=x"])("[API9] refuses %s", async (query) => {
    expectInvalid(await call("GET", `/v1/skus?${query}`, { as: admin }), query.split("=")[0] ?? "");
  });
});

describe("movements", () => {
  it("[REC6] are the events that moved units, and add up to the counts", async () => {
    const { sku, ids } = await filled();
    await call("PATCH", `/v1/skus/${sku}`, { as: admin, body: { name: "Renamed" } });
    const one = `/v1/skus/${sku}/reservations/${ids[0]}`;
    await call("POST", `${one}/extend`, { as: storefront, body: { ttlSeconds: 1200 } });
    await call("POST", `${one}/confirm`, { as: storefront, headers: RECORDED });
    const answer = await call("GET", `/v1/skus/${sku}/movements`, { as: admin });
    const { items, nextCursor } = movementPage.parse(answer.body);
    expect(items.map(({ type }) => type)).toEqual([
      "sku.created",
      ...Array<string>(6).fill("reservation.held"),
      "reservation.confirmed",
    ]);
    expect(items.every(({ stream, id, sequence }) => id === `${stream}:${sequence}` && stream === `sku/${sku}`)).toBe(
      true,
    );
    const sum = (member: "dStock" | "dHeld" | "dSold") => items.reduce((total, item) => total + item[member], 0);
    expect([sum("dStock"), sum("dHeld"), sum("dSold"), nextCursor]).toEqual([20, 5, 1, null]);
  });

  it("[API9] are read on by sequence, which is exclusive", async () => {
    const { sku } = await filled();
    const read = (after: string | null) =>
      call("GET", `/v1/skus/${sku}/movements?limit=3&after=${after ?? 0}`, { as: admin });
    const found = await pages(read);
    expect(found.map((page) => page.map(({ sequence }) => sequence))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(itemsOf(await read("7"))).toEqual([]);
    expect(itemsOf(await read("9007199254740991"))).toEqual([]);
  });

  it.each(["limit=0", "limit=1001", "after=-1", "after=1.5", "after=x", "after=1e400", "cursor=x"])(
    "[API9] refuse %s",
    async (query) => {
      const sku = await newSku(1);
      const answer = await call("GET", `/v1/skus/${sku}/movements?${query}`, { as: admin });
      expectInvalid(answer, query.split("=")[0] ?? "");
    },
  );
});
