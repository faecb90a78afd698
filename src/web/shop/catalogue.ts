// What a shop knows of its goods and the service does not: prices, words, colors.

/** Prices in cents. */
export const PAIR_CENTS = 184_00;
export const LACES_CENTS = 14_00;

/** The heel tab's color tells sizes apart. */
const TABS = ["#ffd23f", "#7fd6c2", "#b9a6f5", "#8ec5ff", "#f59ac0", "#b7e36b"];

/** The heel tab of the size at this place in the drop. */
export function tabColor(index: number): string {
  return TABS[index % TABS.length] ?? "#f7f4ea";
}

/** The accessory of a drop, found by the naming convention of the shop. */
export function lacesOf(drop: string): string {
  return `${drop}-laces`;
}

/** A size on its button: the end of its name, or all of it if there is no size in it. */
export function sizeLabel(name: string): string {
  return /\b(?:EU|size)\s*([\d.]+)$/i.exec(name)?.[1] ?? name;
}

/** A size in a sentence: "EU 42". */
export function sizeName(name: string): string {
  const label = sizeLabel(name);
  return label === name ? name : `EU ${label}`;
}

/** An amount: whole dollars without cents. */
export function money(cents: number): string {
  return `$${cents % 100 === 0 ? cents / 100 : (cents / 100).toFixed(2)}`;
}
