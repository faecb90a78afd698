import { allowanceName, claimOf } from "../../domain/allowance.ts";
import { OBJECT_CALL_MS } from "../../domain/bounds.ts";
import { internalRequest, lastOutcome } from "../../domain/command.ts";
import type { Tried, Verdict } from "../../domain/limit-claims.ts";
import type { Lender, Rescue } from "../../domain/model.ts";
import {
  lendersOf,
  lentBy,
  openRescue,
  type RescueAnswer,
  type RescueCase,
  type RescueMessage,
  receiveRescue,
  rescueMessages,
} from "../../domain/rescue-steps.ts";
import type { AlarmClock } from "../shared/alarm-clock.ts";
import { cartStub } from "../shared/cart-stub.ts";
import { callSku } from "../shared/sku-call.ts";
import { withTimeout } from "../shared/timeout.ts";
import type { AllowanceCalls } from "./allowance-calls.ts";
import type { GroupCommit } from "./group-commit.ts";

/** The late payments for which this SKU is asking other objects: the shell of `domain/rescue-steps.ts`. */
export class Rescues {
  readonly #env: Env;
  readonly #group: GroupCommit;
  readonly #calls: AllowanceCalls;
  readonly #alarm: Pick<AlarmClock, "timers" | "logger">;
  readonly #open = new Map<string, number>();

  constructor(env: Env, group: GroupCommit, calls: AllowanceCalls, alarm: Pick<AlarmClock, "timers" | "logger">) {
    this.#env = env;
    this.#group = group;
    this.#calls = calls;
    this.#alarm = alarm;
  }

  /** Whether a late payment of this reservation is being decided here: lenders have to wait. */
  has(id: string): boolean {
    return this.#open.has(id);
  }

  /** Decides a tried late payment, and calls `close` to settle it. */
  async decide<Closed>(tried: Tried, close: (verdict: Verdict) => Promise<Closed>): Promise<Closed> {
    const { id } = tried.reservation;
    this.#open.set(id, (this.#open.get(id) ?? 0) + 1);
    try {
      let rescue = openRescue(tried.reservation, tried.limit);
      for (let messages = rescueMessages(rescue); messages.length > 0; messages = rescueMessages(rescue)) {
        const asked = rescue;
        const answers = await Promise.all(
          messages.map(async (message) => ({ message, answer: await this.#say(asked, message) })),
        );
        for (const { message, answer } of answers) rescue = receiveRescue(rescue, message, answer);
      }
      const { granted, refusal } = rescue.verdict ?? { granted: false };
      return await close({ granted, refusal, lenders: lendersOf(rescue) });
    } finally {
      const left = (this.#open.get(id) ?? 1) - 1;
      if (left === 0) this.#open.delete(id);
      else this.#open.set(id, left);
    }
  }

  async #say(rescue: RescueCase, message: RescueMessage): Promise<RescueAnswer> {
    try {
      if (message.type === "claim") return await this.#claim(rescue, message);
      const borrowing = this.#borrow(rescue, message.lender, message.to);
      return await withTimeout(borrowing, OBJECT_CALL_MS, "a lender", this.#alarm.timers);
    } catch (error) {
      this.#alarm.logger.log("rescue_call_failed", { type: message.type, reservation: rescue.tried.id, error });
      return { kind: "lost" };
    }
  }

  async #claim(
    { tried, limit }: RescueCase,
    { without, pauseMs }: Extract<RescueMessage, { type: "claim" }>,
  ): Promise<RescueAnswer> {
    if (limit === null) throw new Error("there is no limit to ask");
    if (pauseMs > 0) await this.#alarm.timers.pause(pauseMs);
    const grant = await this.#calls.claim(allowanceName(limit, tried.customer), {
      ...claimOf(tried, limit.limit),
      without,
    });
    return { kind: "grant", grant };
  }

  async #borrow({ tried }: RescueCase, lender: Lender, to: Rescue): Promise<RescueAnswer> {
    if ("cart" in lender) return cartStub(this.#env, lender.cart).lend(lender.cart, to);
    const { sku, id } = lender;
    const requests = [internalRequest({ type: "lend", id, to })];
    const isOwn = sku === tried.sku;
    return lentBy(isOwn ? lastOutcome(await this.#group.submit(requests)) : await callSku(this.#env, sku, requests));
  }
}
