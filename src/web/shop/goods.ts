import { LACES_CENTS, PAIR_CENTS, sizeName } from "./catalogue.ts";
import type { Range } from "./use-drop.ts";

/** Something that can be in a cart. */
export interface Good {
  sku: string;
  /** In a sentence: "EU 42". */
  size: string;
  title: string;
  cents: number;
  isLaces: boolean;
}

export type Goods = Readonly<Record<string, Good>>;

/** All goods of a drop by SKU. */
export function goodsOf({ drop, sizes, laces }: Range): Goods {
  const pairs = sizes.map(({ sku, name }): Good => {
    const size = sizeName(name);
    return { sku, size, title: `${drop.name}, ${size}`, cents: PAIR_CENTS, isLaces: false };
  });
  const extra = laces === null ? [] : [{ ...laces, size: laces.name, title: laces.name }];
  const others = extra.map(({ sku, size, title }): Good => ({ sku, size, title, cents: LACES_CENTS, isLaces: true }));
  return Object.fromEntries([...pairs, ...others].map((good) => [good.sku, good]));
}

/** The goods of these lines, pairs first. */
export function goodsIn(lines: readonly { sku: string }[], goods: Goods): Good[] {
  return lines.flatMap(({ sku }) => goods[sku] ?? []).sort((one, other) => Number(one.isLaces) - Number(other.isLaces));
}

/** Their total price. */
export function totalOf(goods: readonly Good[]): number {
  return goods.reduce((sum, { cents }) => sum + cents, 0);
}
