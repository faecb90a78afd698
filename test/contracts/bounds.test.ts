import { describe, expect, it } from "vitest";
import type { z } from "zod";
import * as names from "../../src/contracts/names.ts";
import { movementPageQuery, reservationPageQuery, skuPageQuery } from "../../src/contracts/page.ts";
import { batchBody, confirmBody, extendBody, reserveBody, returnBody } from "../../src/contracts/reservation.ts";
import { adjustSku, createSku, patchSku } from "../../src/contracts/sku.ts";
import {
  ABANDONS_PER_HOUR_MAX,
  BATCH_COMMANDS_MAX,
  CURSOR_CHARS_MAX,
  CUSTOMER_CODE_POINTS_MAX,
  DURATION_SECONDS_MAX,
  EVENT_PAGE_LIMIT_MAX,
  KEY_CHARS_MAX,
  METADATA_BYTES_MAX,
  METADATA_MEMBERS_MAX,
  ORDER_ID_CHARS_MAX,
  PAGE_LIMIT_DEFAULT,
  PAGE_LIMIT_MAX,
  QUANTITY_MAX,
  REASON_CHARS_MAX,
  SKU_NAME_CHARS_MAX,
  STOCK_MAX,
  TITLE_CHARS_MAX,
} from "../../src/domain/bounds.ts";

const ID = "01a20aba-d280-7573-adea-46149c646b4c";
const created = { sku: "shoe", name: "Shoe", stock: 1 };
const reserved = { quantity: 1 };
const policy = (member: string) => (value: unknown) => ({ policy: { [member]: value } });
const times = (count: number, what = "x") => what.repeat(count);

/** Metadata whose JSON has this many bytes. */
const metadataOf = (bytes: number) => ({ ...reserved, metadata: { m: times(bytes - '{"m":""}'.length) } });
const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, ""]));

/** What a bound lets through, at its two ends, and what it stops, one step outside. */
interface Bound {
  of: string;
  schema: z.ZodType;
  make: (value: never) => unknown;
  inside: unknown[];
  outside: unknown[];
}

function bound<Value>(
  of: string,
  schema: z.ZodType,
  make: (value: Value) => unknown,
  inside: Value[],
  outside: Value[],
): Bound {
  return { of, schema, make: make as (value: never) => unknown, inside, outside };
}

const chars = (of: string, schema: z.ZodType, most: number, make: (text: string) => unknown = (text) => text) =>
  bound(of, schema, make, [times(1), times(most)], [times(most + 1), ""]);

const DURATIONS = [
  "holdTtlSeconds",
  "maxHoldSeconds",
  "warnSeconds",
  "offerTtlSeconds",
  "lateConfirmSeconds",
  "waitlistKeptSeconds",
  "reholdSeconds",
] as const;
const seconds = [1, DURATION_SECONDS_MAX];
const notSeconds = [0, DURATION_SECONDS_MAX + 1, 1.5];

const BOUNDS: Bound[] = [
  chars("a SKU's name", names.skuName, SKU_NAME_CHARS_MAX),
  chars("a title", createSku, TITLE_CHARS_MAX, (name) => ({ ...created, name })),
  chars("a new title", patchSku, TITLE_CHARS_MAX, (name) => ({ name })),
  chars("a customer", reserveBody, CUSTOMER_CODE_POINTS_MAX, (customer) => ({ ...reserved, customer })),
  chars("an order id", confirmBody, ORDER_ID_CHARS_MAX, (orderId) => ({ orderId })),
  chars("a reason", adjustSku, REASON_CHARS_MAX, (reason) => ({ delta: 1, reason })),
  chars("an idempotency key", names.idempotencyKey, KEY_CHARS_MAX),
  chars("a cursor", skuPageQuery, CURSOR_CHARS_MAX, (cursor) => ({ cursor })),
  bound("stock", createSku, (stock) => ({ ...created, stock }), [0, STOCK_MAX], [-1, STOCK_MAX + 1, 0.5]),
  bound(
    "delta",
    adjustSku,
    (delta) => ({ delta, reason: "x" }),
    [-STOCK_MAX, -1, 1, STOCK_MAX],
    [-STOCK_MAX - 1, 0, STOCK_MAX + 1],
  ),
  ...[
    { of: "a reserve's quantity", schema: reserveBody },
    { of: "a confirmation's quantity", schema: confirmBody },
    { of: "a return's quantity", schema: returnBody },
  ].map(({ of, schema }) =>
    bound(of, schema, (quantity) => ({ quantity }), [1, QUANTITY_MAX], [0, QUANTITY_MAX + 1, 1.5]),
  ),
  bound("a reserve's ttlSeconds", reserveBody, (ttlSeconds) => ({ ...reserved, ttlSeconds }), seconds, notSeconds),
  bound("an extension's ttlSeconds", extendBody, (ttlSeconds) => ({ ttlSeconds }), seconds, notSeconds),
  ...DURATIONS.map((member) => bound(`policy.${member}`, patchSku, policy(member), seconds, notSeconds)),
  bound("policy.perCustomerLimit", patchSku, policy("perCustomerLimit"), [1, STOCK_MAX, null], [0, STOCK_MAX + 1]),
  bound("policy.displayCap", patchSku, policy("displayCap"), [1, STOCK_MAX, null], [0, STOCK_MAX + 1]),
  bound(
    "policy.maxPerReservation",
    patchSku,
    policy("maxPerReservation"),
    [1, QUANTITY_MAX],
    [0, QUANTITY_MAX + 1, null],
  ),
  bound("policy.lowStockThreshold", patchSku, policy("lowStockThreshold"), [0, STOCK_MAX], [-1, STOCK_MAX + 1, null]),
  bound(
    "policy.abandonsPerHour",
    patchSku,
    policy("abandonsPerHour"),
    [1, ABANDONS_PER_HOUR_MAX],
    [0, ABANDONS_PER_HOUR_MAX + 1, null],
  ),
  bound("metadata's bytes", reserveBody, metadataOf, [METADATA_BYTES_MAX], [METADATA_BYTES_MAX + 1]),
  bound(
    "metadata's members",
    reserveBody,
    (count) => ({ ...reserved, metadata: members(count) }),
    [0, METADATA_MEMBERS_MAX],
    [METADATA_MEMBERS_MAX + 1],
  ),
  bound(
    "a batch's commands",
    batchBody,
    (count) => ({ commands: Array.from({ length: count }, () => ({ type: "release", id: ID })) }),
    [1, BATCH_COMMANDS_MAX],
    [0, BATCH_COMMANDS_MAX + 1],
  ),
  bound(
    "a page of SKUs",
    skuPageQuery,
    (limit) => ({ limit }),
    ["1", String(PAGE_LIMIT_MAX)],
    ["0", String(PAGE_LIMIT_MAX + 1)],
  ),
  bound(
    "a page of reservations",
    reservationPageQuery,
    (limit) => ({ limit }),
    ["1", String(PAGE_LIMIT_MAX)],
    ["0", String(PAGE_LIMIT_MAX + 1)],
  ),
  bound(
    "a page of movements",
    movementPageQuery,
    (limit) => ({ limit }),
    ["1", String(EVENT_PAGE_LIMIT_MAX)],
    ["0", String(EVENT_PAGE_LIMIT_MAX + 1)],
  ),
  bound(
    "a sequence to read on from",
    movementPageQuery,
    (after) => ({ after }),
    ["0", "9007199254740991"],
    ["-1", "9007199254740992"],
  ),
];

describe.each(BOUNDS)("the bound of $of", ({ schema, make, inside, outside }) => {
  it.each(inside)("[API10] lets %s through", (value) => {
    expect(schema.safeParse(make(value as never)).error?.issues).toBeUndefined();
  });

  it.each(outside)("[API10] stops %s", (value) => {
    expect(schema.safeParse(make(value as never)).success).toBe(false);
  });
});

describe("bounds", () => {
  it("[API9] of a page that names none are fifty items from the beginning", () => {
    expect(skuPageQuery.parse({})).toEqual({ limit: PAGE_LIMIT_DEFAULT });
    expect(reservationPageQuery.parse({})).toEqual({ limit: PAGE_LIMIT_DEFAULT });
    expect(movementPageQuery.parse({})).toEqual({ after: 0, limit: PAGE_LIMIT_DEFAULT });
    expect(PAGE_LIMIT_DEFAULT).toBe(50);
  });

  it("[API10] of metadata are counted in bytes of UTF-8", () => {
    const shoes = Math.floor((METADATA_BYTES_MAX - '{"m":""}'.length) / 4);
    const withShoes = (count: number) => ({ ...reserved, metadata: { m: times(count, "👟") } });
    expect(reserveBody.safeParse(withShoes(shoes)).success).toBe(true);
    expect(reserveBody.safeParse(withShoes(shoes + 1)).success).toBe(false);
  });

  it("[API10] are the ones that the design names", () => {
    expect({ DURATION_SECONDS_MAX, KEY_CHARS_MAX, BATCH_COMMANDS_MAX, PAGE_LIMIT_MAX, EVENT_PAGE_LIMIT_MAX }).toEqual({
      DURATION_SECONDS_MAX: 604_800,
      KEY_CHARS_MAX: 255,
      BATCH_COMMANDS_MAX: 100,
      PAGE_LIMIT_MAX: 200,
      EVENT_PAGE_LIMIT_MAX: 1000,
    });
    expect({ METADATA_MEMBERS_MAX, METADATA_BYTES_MAX }).toEqual({
      METADATA_MEMBERS_MAX: 20,
      METADATA_BYTES_MAX: 2048,
    });
  });
});

describe("a name", () => {
  it.each(["a", "A", "0", "a.b", "a..b", "a_b-c", "a-", "a."])("[API10] of a SKU may be %s", (name) => {
    expect(names.skuName.safeParse(name).success).toBe(true);
  });

  it.each([".", "..", "-a", "_a", ".a", "a/b", "a b", " a", "a\n", "é", "a%2F", "a\u0000", "👟"])(
    "[API10] of a SKU may not be %j",
    (name) => {
      expect(names.skuName.safeParse(name).success).toBe(false);
    },
  );

  it.each(["Zoë 👟", "אבג", "a b", "a\u00a0b", "__proto__", "ann@shop.example", "Ω", "漢字", "-", "0"])(
    "[API12] of a customer may be %j",
    (name) => {
      expect(names.customerName.parse(name)).toBe(name);
    },
  );

  const invisible = [
    "\u00ad",
    "\u034f",
    "\u061c",
    "\u115f",
    "\u200b",
    "\u200d",
    "\u200f",
    "\u2028",
    "\u2029",
    "\u202e",
  ];
  const more = [
    "\u2060",
    "\u2066",
    "\u2800",
    "\u3164",
    "\ufe0f",
    "\ufeff",
    "\u{e0041}",
    "\u0000",
    "\n",
    "\t",
    "\u001b",
    "\u007f",
  ];
  it.each([...invisible, ...more, "\u0085", "\ud83d", "\udc5f"])(
    "[API12] of a customer has no %j, wherever it stands",
    (unseen) => {
      for (const name of [unseen, `a${unseen}`, `${unseen}a`, `a${unseen}b`]) {
        expect(names.customerName.safeParse(name).success).toBe(false);
      }
    },
  );

  it.each([" ", "\u00a0", "\u2003", "\u3000"])("[API12] of a customer has no blank %j at an end", (blank) => {
    for (const name of [blank, `a${blank}`, `${blank}a`])
      expect(names.customerName.safeParse(name).success).toBe(false);
    expect(names.customerName.safeParse(`a${blank}b`).success).toBe(true);
  });

  it("[API12] of a customer is one however it was composed, and case counts", () => {
    expect(names.customerName.parse("Jose\u0301")).toBe("Jos\u00e9");
    expect(names.customerName.parse("\u212bngstro\u0308m")).toBe("\u00c5ngstr\u00f6m");
    expect(names.customerName.parse("José")).not.toBe(names.customerName.parse("josé"));
    // Compatibility is something else: a ligature is not its letters.
    expect(names.customerName.parse("ﬁn")).toBe("ﬁn");
  });

  it("[API12] of a customer is counted in code points, after it was composed", () => {
    for (const one of ["👟", "漢", "e\u0301"]) {
      expect(names.customerName.safeParse(times(CUSTOMER_CODE_POINTS_MAX, one)).success).toBe(true);
      expect(names.customerName.safeParse(times(CUSTOMER_CODE_POINTS_MAX + 1, one)).success).toBe(false);
    }
    expect(CUSTOMER_CODE_POINTS_MAX).toBe(255);
  });

  it.each(["", "two words", "ké", "tab\t", "line\n", "\u007f"])("[IDM1] of a request may not be %j", (key) => {
    expect(names.idempotencyKey.safeParse(key).success).toBe(false);
  });
});
