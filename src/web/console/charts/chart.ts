/** One line, area or stack of bars: what it is, its color by the name of a CSS variable, and its values. */
export interface Line {
  label: string;
  tone: string;
  values: readonly number[];
}

/** What a chart shows, whatever draws it. */
export interface Chart {
  kind: "area" | "bars" | "line";
  /** Each line stands on those before it. */
  isStacked: boolean;
  /** There is nothing between its whole numbers. */
  isWhole: boolean;
  /** Seconds; or places, when `places` names them. */
  at: readonly number[];
  places?: readonly string[];
  lines: readonly Line[];
  /** The top of the scale, where it is fixed. */
  top?: number;
  format: (value: number) => string;
  /** In the margin, where room is short. */
  short: (value: number) => string;
}

/** The values that are drawn: each line with all that it stands on. */
export function drawn({ isStacked, lines }: Pick<Chart, "isStacked" | "lines">): number[][] {
  if (!isStacked) return lines.map(({ values }) => [...values]);
  let below: readonly number[] = [];
  return lines.map(({ values }) => {
    const sums = values.map((value, index) => value + (below[index] ?? 0));
    below = sums;
    return sums;
  });
}
