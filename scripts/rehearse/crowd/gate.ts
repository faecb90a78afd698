/** Lets a bounded number of calls through at once; the others wait in line, urgent ones ahead of the rest. */
export class Gate {
  #free: number;
  readonly #urgent: (() => void)[] = [];
  readonly #patient: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async pass<Result>(urgent: boolean, work: () => Promise<Result>): Promise<Result> {
    const line = urgent ? this.#urgent : this.#patient;
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#urgent.shift() ?? this.#patient.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
