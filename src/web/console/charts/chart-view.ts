import uPlot from "uplot";
import { day, minuteTime } from "../format.ts";
import { type Chart, drawn } from "./chart.ts";

const HEIGHT_MIN = 168;
/** Steps of a scale for counts: there are no half units. */
const WHOLE_STEPS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap((tens) => [tens, 2 * tens, 5 * tens]);
const DAY_SECONDS = 86_400;

/** A chart on the page. It is rebuilt if its form changes, and otherwise only gets new values. */
export class ChartView {
  readonly #host: HTMLElement;
  readonly #onCursor: (index: number | null) => void;
  readonly #darkness = matchMedia("(prefers-color-scheme: dark)");
  readonly #sizes: ResizeObserver;
  #plot: uPlot | null = null;
  #look = "";
  #chart: Chart | null = null;

  constructor(host: HTMLElement, onCursor: (index: number | null) => void) {
    this.#host = host;
    this.#onCursor = onCursor;
    this.#sizes = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    this.#sizes.observe(host);
    this.#darkness.addEventListener("change", this.#rebuild);
  }

  show(chart: Chart): void {
    const look = JSON.stringify([chart.kind, chart.isStacked, chart.places, chart.lines.map(({ tone }) => tone)]);
    this.#chart = chart;
    if (this.#plot !== null && look === this.#look) this.#plot.setData(dataOf(chart));
    else this.#rebuild();
    this.#look = look;
  }

  destroy(): void {
    this.#darkness.removeEventListener("change", this.#rebuild);
    this.#sizes.disconnect();
    this.#plot?.destroy();
  }

  readonly #rebuild = (): void => {
    this.#plot?.destroy();
    this.#plot = null;
    // Without lines there is nothing to draw, and empty axes would confuse.
    if (this.#chart === null || this.#chart.lines.length === 0) return;
    this.#plot = new uPlot(this.#options(this.#chart), dataOf(this.#chart), this.#host);
  };

  #size(): { width: number; height: number } {
    return { width: Math.max(1, this.#host.clientWidth), height: Math.max(HEIGHT_MIN, this.#host.clientHeight) };
  }

  #color(name: string): string {
    return getComputedStyle(this.#host).getPropertyValue(`--${name}`).trim();
  }

  #options(chart: Chart): uPlot.Options {
    const { kind, places } = chart;
    const axis = {
      stroke: this.#color("muted"),
      font: "11px 'Archivo Variable', system-ui, sans-serif",
      ticks: { stroke: this.#color("line"), size: 4, width: 1 },
    };
    return {
      ...this.#size(),
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: kind !== "bars" }, drag: { x: false, y: false } },
      scales: {
        x: { time: places === undefined, ...(places ? { range: () => [-0.6, places.length - 0.4] } : {}) },
        y: { range: (_plot, _least, most) => [0, topOf(chart, most)] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          grid: { show: false },
          space: places ? 27 : 56,
          ...(places ? { incrs: [1, 2, 4], values: (_plot, at) => at.map((place) => places[place] ?? "") } : {}),
          ...(places ? {} : { values: (_plot, at) => at.map((seconds, index) => timeLabel(seconds, at[index - 1])) }),
        },
        {
          ...axis,
          size: 42,
          space: 32,
          ...(chart.isWhole ? { incrs: WHOLE_STEPS } : {}),
          grid: { stroke: this.#color("grid"), width: 1 },
          values: (_plot, values) => values.map((value) => chart.short(value)),
        },
      ],
      series: [{}, ...this.#series(chart)],
      hooks: { setCursor: [({ cursor }) => this.#onCursor(cursor.idx ?? null)] },
    };
  }

  /** In a stack the highest is drawn first, so that the lower ones cover it. */
  #series({ kind, lines, places }: Chart): uPlot.Series[] {
    const bars = uPlot.paths.bars?.({ size: [places ? 0.72 : 0.8, 28], gap: 0 });
    return [...lines].reverse().map(({ tone }) => {
      const color = this.#color(tone);
      const fill = kind === "line" ? {} : { fill: color };
      const paths = kind === "bars" && bars ? { paths: bars } : {};
      return { stroke: color, width: kind === "line" ? 2 : 0, points: { show: false }, ...fill, ...paths };
    });
  }
}

function topOf({ top, isWhole }: Chart, most: number): number {
  const room = most * 1.08;
  return top ?? (isWhole || room === 0 ? Math.max(1, room) : room);
}

function dataOf(chart: Chart): uPlot.AlignedData {
  return [[...chart.at], ...drawn(chart).reverse()];
}

/** The time of day, and the day where it changes. */
function timeLabel(seconds: number, before: number | undefined): string {
  const isNewDay = before !== undefined && day(seconds * 1000) !== day(before * 1000);
  return isNewDay || (before !== undefined && seconds - before >= DAY_SECONDS)
    ? day(seconds * 1000)
    : minuteTime(seconds * 1000);
}
