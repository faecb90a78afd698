import { describe, expect, it } from "vitest";
import { STORE_CONTRACT } from "../memory/store-contract.ts";
import { memoryStores } from "../memory/stores.ts";
import { MemoryTables } from "../memory/tables.ts";

describe("the stores of a SKU in memory", () => {
  it.each(Object.entries(STORE_CONTRACT))("[TXN2] %s", (_promise, keeps) => {
    const tables = new MemoryTables();
    keeps({ stores: memoryStores(tables), transaction: (write) => tables.transaction(write) });
    expect.hasAssertions();
  });
});
