import { Presets, SingleBar } from "cli-progress";

const quietEveryMs = 5000;

/** Shows how far a long step is. */
export interface Progress {
  start(step: string, total: number): void;
  advance(by: number, note?: string): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a plain line per step, and one now and then. */
export function makeProgress(): Progress {
  return process.stdout.isTTY && !process.env.CI ? new BarProgress() : new LineProgress();
}

class BarProgress implements Progress {
  readonly #bar = new SingleBar(
    {
      format: "{step} {bar} {value}/{total} {note}",
      stream: process.stdout,
      barsize: 32,
      hideCursor: true,
      clearOnComplete: true,
      formatValue: (value, _options, type) =>
        type === "value" || type === "total" ? value.toLocaleString("en-US") : `${value}`,
    },
    Presets.shades_classic,
  );

  start(step: string, total: number): void {
    this.#bar.stop();
    this.#bar.start(total, 0, { step: step.padEnd(14), note: "" });
  }

  advance(by: number, note = ""): void {
    this.#bar.increment(by, { note });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class LineProgress implements Progress {
  #step = "";
  #total = 0;
  #value = 0;
  #saidAt = 0;

  start(step: string, total: number): void {
    this.#step = step;
    this.#total = total;
    this.#value = 0;
    this.#saidAt = Date.now();
    console.log(`${step} …`);
  }

  advance(by: number, note = ""): void {
    this.#value += by;
    if (Date.now() - this.#saidAt < quietEveryMs) return;
    this.#saidAt = Date.now();
    console.log(`${this.#step} … ${this.#value} of ${this.#total} ${note}`.trimEnd());
  }

  stop(): void {}
}
