const marginMs = 150;

/**
 * The service's clock as seen from here. What was judged between sending and answer may have been judged at any instant
 * of a span, and all that is expected of an answer has to hold for the whole span.
 */
export class ServerClock {
  readonly #aheadMs: number;
  /** How far off an instant may be: half the way there and back, and the grain of the clocks. */
  readonly toleranceMs: number;

  /** From one answer that names the service's time. */
  constructor(sentAt: number, answeredAt: number, serverTime: number) {
    this.#aheadMs = serverTime - (sentAt + answeredAt) / 2;
    this.toleranceMs = marginMs + (answeredAt - sentAt) / 2;
  }

  /** Now, by the service's clock. */
  now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** The span in which the service judged a call. */
  span({ sentAt, answeredAt }: { sentAt: number; answeredAt: number }): { from: number; to: number } {
    return {
      from: sentAt + this.#aheadMs - this.toleranceMs,
      to: answeredAt + this.#aheadMs + this.toleranceMs,
    };
  }

  /** Resolves when the service's clock shows `serverTime`. */
  async until(serverTime: number): Promise<void> {
    const waitMs = serverTime - this.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
