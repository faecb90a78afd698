import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { sqlHost } from "../../src/objects/sku/stores.ts";
import { STORE_CONTRACT } from "../memory/store-contract.ts";
import { ObjectSale } from "./object-sale.ts";

describe("the stores of a SKU object", () => {
  it.each(Object.entries(STORE_CONTRACT))("[TXN2] %s", async (_promise, keeps) => {
    await runInDurableObject(new ObjectSale().stub, (_object, { storage }) => {
      const transaction = <Result>(write: () => Result) => storage.transactionSync(write);
      keeps({ stores: transaction(() => sqlHost(storage).create(Date.now())), transaction });
    });
    expect.hasAssertions();
  });
});
