import { expect } from "vitest";
import { answered, type Delivery, dueNow, nextDueAt, sendAgain, take } from "../../src/domain/delivery.ts";
import type { LoggedEvent, LoggedType } from "../../src/domain/log.ts";
import { matches, moveBack, remove, type Webhook } from "../../src/domain/webhook.ts";
import { DAY, hook, logged, result, T0 } from "./webhook-case.ts";

interface Call {
  sent: Delivery;
  /** When it was begun, as a count of what happened. */
  begun: number;
  /** Of an instance that died nobody hears any more. */
  isHeard: boolean;
}

/** A log, a webhook that follows it as its object does, and an endpoint that answers as it is told. */
export class WebhookWorld {
  now = T0;
  webhook: Webhook;
  readonly log: LoggedEvent[] = [];
  /** What is in storage: a crash leaves it. */
  readonly deliveries = new Map<number, Delivery>();
  /** Calls that the endpoint has not answered yet. */
  calls: Call[] = [];
  /** What the endpoint took, in that order. */
  readonly taken: { position: number; begun: number }[] = [];
  /** When each position was last asked for again. */
  readonly #asked = new Map<number, number>();
  #count = 0;
  readonly #busy = new Set<string>();

  constructor(types: readonly (LoggedType | "*")[]) {
    this.webhook = hook({ events: [...types], skus: ["a", "b", "c"] });
  }

  happen(stream: string, type: LoggedType): void {
    const sequence = this.log.filter((event) => event.stream === stream).length + 1;
    this.log.push(logged(this.log.length + 1, stream, sequence, type));
  }

  /** Takes the next events of the log, and moves the cursor past them. */
  read(most: number): void {
    if (this.webhook.status !== "active") return;
    const page = this.log.filter(({ position }) => position > this.webhook.cursor).slice(0, most);
    for (const delivery of take(this.webhook, page, this.now)) {
      expect(this.deliveries.has(delivery.position)).toBe(false);
      this.deliveries.set(delivery.position, delivery);
    }
    this.webhook = { ...this.webhook, cursor: page.at(-1)?.position ?? this.webhook.cursor };
  }

  /** Calls the endpoint for everything that may go. */
  send(): void {
    const due = dueNow(this.webhook, this.pending(), this.#busy, this.now);
    for (const sent of due) {
      expect(this.webhook.status).toBe("active");
      expect(this.#busy.has(sent.stream)).toBe(false);
      if (!sent.aside) this.#expectNoneBefore(sent);
      this.#busy.add(sent.stream);
      this.#count += 1;
      this.calls.push({ sent, begun: this.#count, isHeard: true });
    }
    expect(this.#busy.size).toBeLessThanOrEqual(5);
  }

  /** The endpoint answers one of the calls. */
  answer(pick: number, status: number | null, retryAfterMs: number | null = null, jitter = 0): void {
    const call = this.calls[pick % Math.max(1, this.calls.length)];
    if (call === undefined) return;
    this.calls = this.calls.filter((other) => other !== call);
    const { sent, begun } = call;
    if (status !== null && status < 300) this.taken.push({ position: sent.position, begun });
    if (!call.isHeard) return;
    this.#busy.delete(sent.stream);
    const current = this.deliveries.get(sent.position) ?? null;
    const after = answered(this.webhook, sent, current, result(status, retryAfterMs, this.now), this.now, jitter);
    this.webhook = after.webhook;
    if (after.delivery !== null) this.#save(after.delivery);
    if (after.isBack) this.#hasten();
  }

  /** The instance dies: what is stored stays, what is under way is forgotten. */
  crash(): void {
    this.#busy.clear();
    this.calls = this.calls.map((call) => ({ ...call, isHeard: false }));
  }

  sendAgain(pick: number): void {
    const all = [...this.deliveries.values()];
    const one = all[pick % Math.max(1, all.length)];
    if (one === undefined || this.webhook.status !== "active") return;
    const round = this.webhook.round + 1;
    this.webhook = { ...this.webhook, round, pausedUntil: null };
    this.deliveries.set(one.position, sendAgain(one, round, this.now));
    this.#ask(one.position);
  }

  moveBack(position: number): void {
    if (this.webhook.status === "deleted") return;
    this.webhook = moveBack(this.webhook, position, this.now);
    for (const known of [...this.deliveries.keys()].filter((one) => one > this.webhook.cursor)) {
      this.deliveries.delete(known);
      this.#ask(known);
    }
    this.#hasten();
  }

  delete(): void {
    this.webhook = remove(this.webhook, this.now);
    this.deliveries.clear();
  }

  pending(): Delivery[] {
    const pending = [...this.deliveries.values()].filter(({ status }) => status === "pending");
    return pending.sort((one, other) => one.position - other.position);
  }

  /** Every event that it has come to has one delivery, and nothing else has. */
  check(): void {
    if (this.webhook.status === "deleted") {
      expect(this.deliveries.size).toBe(0);
      return;
    }
    const { start, cursor } = this.webhook;
    const expected = this.log.filter((event) => event.position > start && event.position <= cursor);
    const wanted = expected.filter((event) => matches(this.webhook, event)).map(({ position }) => position);
    expect([...this.deliveries.keys()].sort((one, other) => one - other)).toEqual(wanted);
    for (const { status, position, nextAttemptAt } of this.deliveries.values()) {
      expect(nextAttemptAt === null).toBe(status !== "pending");
      const asked = this.#asked.get(position) ?? 0;
      const isTaken = this.taken.some((one) => one.position === position && one.begun > asked);
      if (status === "delivered") expect(isTaken).toBe(true);
    }
  }

  /** The endpoint is well from now on: everything gets there, in a bounded number of rounds. */
  settle(): void {
    if (this.webhook.status === "deleted") return;
    if (this.webhook.status === "stopped") this.moveBack(this.webhook.cursor);
    for (const _round of Array.from({ length: 3 * this.log.length + 5 })) {
      this.read(2);
      this.send();
      while (this.calls.length > 0) this.answer(0, 204);
      const next = nextDueAt(this.webhook, this.pending(), this.#busy);
      if (next !== null) this.now = Math.max(this.now, next);
    }
    expect(this.pending()).toEqual([]);
    expect(this.webhook.cursor).toBe(this.log.length);
  }

  #ask(position: number): void {
    this.#count += 1;
    this.#asked.set(position, this.#count);
  }

  #expectNoneBefore({ stream, position }: Delivery): void {
    const before = this.pending().filter((other) => other.stream === stream && other.position < position);
    expect(before.filter(({ aside }) => !aside)).toEqual([]);
  }

  #save(delivery: Delivery): void {
    if (delivery.status === "failed") expect(this.now - (delivery.triedSince ?? 0)).toBeGreaterThanOrEqual(DAY);
    this.deliveries.set(delivery.position, delivery);
  }

  #hasten(): void {
    for (const one of this.pending()) {
      this.deliveries.set(one.position, { ...one, nextAttemptAt: Math.min(one.nextAttemptAt ?? this.now, this.now) });
    }
  }
}
