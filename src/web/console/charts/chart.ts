/** A line, area or stack of bars: its name, its color by CSS variable, and its values. */
export interface Line {
  label: string;
  tone: string;
  values: readonly number[];
}

/** The content of a chart, independent of how it is drawn. */
export interface Chart {
  kind: "area" | "bars" | "line";
  /** Each line is stacked on those before it. */
  isStacked: boolean;
  /** Only whole numbers occur. */
  isWhole: boolean;
  /** Seconds; or places, when `places` names them. */
  at: readonly number[];
  places?: readonly string[];
  lines: readonly Line[];
  /** The top of the scale, if it is fixed. */
  top?: number;
  format: (value: number) => string;
  /** A short form for the margin. */
  short: (value: number) => string;
}

/** The values to draw: each line plus everything below it. */
export function drawn({ isStacked, lines }: Pick<Chart, "isStacked" | "lines">): number[][] {
  if (!isStacked) return lines.map(({ values }) => [...values]);
  let below: readonly number[] = [];
  return lines.map(({ values }) => {
    const sums = values.map((value, index) => value + (below[index] ?? 0));
    below = sums;
    return sums;
  });
}
