import { noShortages, type Shortages } from "../../domain/turns.ts";
import { AbandonStore } from "../../storage/abandon-store.ts";
import { AnswerStore } from "../../storage/answer-store.ts";
import { migrate, SKU_SCHEMA, schemaVersion } from "../../storage/sku-schema.ts";
import { SkuStore } from "../../storage/sku-store.ts";
import { WaitlistStore } from "../../storage/waitlist-store.ts";

/** All that a store can do, whoever does it: an object's rows, or a memory that keeps the same promises. */
export type Port<Store> = Pick<Store, keyof Store>;

/** The sources of facts for a transaction, and where it writes: the stores, and the memory of refused customers. */
export interface Stores {
  sku: Port<SkuStore>;
  waitlist: Port<WaitlistStore>;
  answers: Port<AnswerStore>;
  abandons: Port<AbandonStore>;
  shortages: Shortages;
}

/** Where the stores of a SKU come from. */
export interface StoreHost {
  /** The stores, or null if no SKU was created here. */
  open(): Stores | null;
  /** Makes them for the first SKU, as part of its transaction. */
  create(now: number): Stores;
}

/** The stores in an object's storage, whose schema is brought up to date when they are opened. */
export function sqlHost(storage: DurableObjectStorage): StoreHost {
  const { sql } = storage;
  const stores = (): Stores => ({
    sku: new SkuStore(sql),
    waitlist: new WaitlistStore(sql),
    answers: new AnswerStore(sql),
    abandons: new AbandonStore(sql),
    shortages: noShortages(),
  });
  return {
    open: () => {
      const version = schemaVersion(sql);
      if (version === 0) return null;
      if (version !== SKU_SCHEMA.length) storage.transactionSync(() => migrate(sql, Date.now()));
      return stores();
    },
    create: (now) => {
      migrate(sql, now);
      return stores();
    },
  };
}
