import { retryable } from "cloudflare:durable-objects";
import {
  ALARM_AHEAD_MS_MIN,
  CALLER_PATIENCE_MS,
  KEY_KEPT_MS,
  RECORD_GRACE_MS,
  RETENTION_MARGIN_MS,
} from "../../domain/bounds.ts";
import { internalRequest, type Refusal, refused, UNKNOWN } from "../../domain/command.ts";
import {
  commandFor,
  type Decision,
  type Drop,
  type DropMessage,
  type DropPlan,
  decisionFor,
  draftDrop,
  giveUp,
  messagesOf,
  planOf,
  propose,
  receive,
  refusedPlan,
} from "../../domain/drop.ts";
import { refusedRevision } from "../../domain/sku-admin.ts";
import { recordDropInD1 } from "../../storage/d1-record.ts";
import { type DocumentBatch, DocumentStore } from "../../storage/document-store.ts";
import type { DropOutcome, DropRequest, Recorded } from "../rpc.ts";
import { AlarmClock } from "../shared/alarm-clock.ts";
import { AlarmObject } from "../shared/alarm-object.ts";
import { Deadline } from "../shared/deadline.ts";
import { type OutboxDrains, outboxOf } from "../shared/outbox-drains.ts";
import { ProtocolRunner } from "../shared/protocol-runner.ts";
import { callSku } from "../shared/sku-call.ts";

/** Recorded events and keys leave after three days, as a cart does. The drop itself stays. */
const DROP_KEPT_MS = KEY_KEPT_MS + 2 * RETENTION_MARGIN_MS;

/** A SKU's answer: null for yes, the refusal for no, `lost` for no answer. */
type Told = Refusal | null | "lost";

/** One drop. It stores the truth about it and tells its SKUs until all of them have acknowledged. A shell around `domain/drop.ts`. */
export class DropObject extends AlarmObject {
  static {
    retryable(DropObject.prototype.change);
  }

  readonly #store: DocumentStore<Drop, DropOutcome>;
  readonly #alarm: AlarmClock;
  readonly #outbox: OutboxDrains<DocumentBatch>;
  readonly #runner: ProtocolRunner<DropMessage, Told>;
  readonly #name: string;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#name = ctx.id.name ?? "";
    this.#store = new DocumentStore(ctx.storage.sql);
    this.#alarm = new AlarmClock(ctx, "DROP");
    const write = (batch: DocumentBatch) => recordDropInD1(env.DB, this.#name, batch);
    this.#outbox = outboxOf(env, this.#alarm, `drop/${this.#name}`, this.#store, write);
    this.#runner = new ProtocolRunner<DropMessage, Told>(
      {
        messages: () => {
          const drop = this.#store.load();
          return drop === null ? [] : messagesOf(drop);
        },
        say: (message) => this.#tell(message),
        take: (answers) => this.#take(answers),
      },
      this.#alarm.timers,
    );
    void ctx.blockConcurrencyWhile(() => this.#alarm.restore(this.#store.load()?.updatedAt));
  }

  /** The drop as last decided, or null. */
  async look(): Promise<Drop | null> {
    this.#alarm.noticeSetBack(Date.now());
    const drop = this.#store.load();
    return drop !== null && drop.revision > 0 ? drop : null;
  }

  /** Creates or changes the drop and answers once every SKU has acknowledged; UNKNOWN if that takes too long: it continues. */
  async change(
    request: DropRequest,
    waitMs: number,
    patienceMs = CALLER_PATIENCE_MS,
  ): Promise<{ outcome: DropOutcome; recorded: Recorded }> {
    const { key, content } = request;
    // Concurrent changes are made one after another.
    this.#alarm.noticeSetBack(Date.now());
    const deadline = new Deadline(Math.min(patienceMs, CALLER_PATIENCE_MS));
    do await this.#runner.run(deadline.leftMs);
    while (this.#store.load()?.change && !deadline.isOver);
    const again = key === null ? null : this.#store.again(key, content);
    if (again !== null) return this.#answer(again, waitMs);
    const begun = deadline.isOver ? refused({ code: "overloaded" }) : this.#begin(request);
    if (begun !== null) return this.#answer(begun, waitMs);
    await this.#runner.run(deadline.leftMs);
    return this.#answer(this.#outcome(), waitMs);
  }

  /** What a SKU that was left frozen has to apply: the terms, none if it is no member; null while it has to wait. */
  async decisionFor(sku: string): Promise<Decision | null> {
    const drop = this.#store.load();
    return drop === null ? { terms: null } : decisionFor(drop, sku);
  }

  override begin(): void {
    const now = Date.now();
    this.#alarm.checkUp(now, () => this.#nextDeadline(now));
    this.ctx.waitUntil(this.#outbox.kick());
  }

  override async alarm(): Promise<void> {
    await this.#alarm.ring(async () => {
      // When the alarm finds an undecided change, its caller is gone: the change is taken back.
      const drop = this.#store.load();
      if (drop !== null && !this.#runner.isRunning && drop.change?.phase === "asking") this.#save(drop, giveUp(drop));
      await this.#runner.run(CALLER_PATIENCE_MS);
      await this.#outbox.kick();
      this.#store.retire(Date.now() - DROP_KEPT_MS);
      return this.#nextDeadline(Date.now());
    });
  }

  /** Proposes the change; returns an outcome if no SKU has to be told. */
  #begin({ change, key, content }: DropRequest): DropOutcome | null {
    const now = Date.now();
    const drop = this.#store.load();
    if (drop?.change) return refused({ code: "overloaded" });
    const exists = drop !== null && drop.revision > 0;
    if (change.type === "create" && exists) return refused({ code: "drop-exists" });
    if (change.type === "patch" && !exists) return refused({ code: "not-found" });
    const current = drop ?? draftDrop(this.#name, "", now);
    const plan: DropPlan = { ...planOf(current), ...change.plan };
    const proposed = propose(current, plan, now);
    // Also with an older revision: it is the same edit again, whose first answer was lost (RFC 9110 13.1.1).
    if (proposed === null) return { ok: true, drop: current };
    const ifRevisions = change.type === "patch" ? change.ifRevisions : undefined;
    const refusal = refusedRevision(current, ifRevisions) ?? refusedPlan(plan);
    if (refusal) return refused(refusal);
    this.#transaction(() => {
      this.#save(drop, proposed);
      // Its caller may be gone when all SKUs have acknowledged, and gets the answer when it repeats the call.
      if (key !== null) this.#store.keepAnswer(key, content, null, now);
    });
    return null;
  }

  /** The outcome of the change that was in progress. */
  #outcome(): DropOutcome {
    const drop = this.#store.load();
    if (drop?.refusal) return refused(drop.refusal);
    return drop === null || drop.change !== null ? refused(UNKNOWN) : { ok: true, drop };
  }

  #take(answers: readonly { message: DropMessage; answer: Told }[]): boolean {
    const before = this.#store.load();
    if (before === null) return false;
    const now = Date.now();
    const after = answers.reduce(
      (drop, { message, answer }) => (answer === "lost" ? drop : receive(drop, message, answer, now)),
      before,
    );
    if (after === before) return false;
    this.#save(before, after);
    return true;
  }

  async #tell(message: DropMessage): Promise<Told> {
    const { sku } = message;
    const command = commandFor(this.#name, message);
    try {
      const outcome = await callSku(this.env, sku, [internalRequest(command)]);
      if (outcome.ok) return null;
      return outcome.refusal.code === "overloaded" ? "lost" : outcome.refusal;
    } catch (error) {
      this.#alarm.logger.log("drop_call_failed", { type: message.type, sku, error });
      return "lost";
    }
  }

  #save(before: Drop | null, drop: Drop): void {
    const isDecided = drop.revision > (before?.revision ?? 0);
    this.#transaction(() => {
      const saved = this.#store.save(drop, isDecided ? ["drop.updated"] : []);
      const isThrough = before !== null && before.change !== null && drop.change === null;
      if (isThrough) this.#store.decideAnswers(drop.refusal === null ? { ok: true, drop: saved } : null);
      const now = Date.now();
      this.#alarm.ensure(now + RECORD_GRACE_MS, now);
    });
    if (isDecided) this.ctx.waitUntil(this.#outbox.kick());
  }

  #transaction(write: () => void): void {
    this.#alarm.transaction(write, () => this.#store.forget());
  }

  #nextDeadline(now: number): number | null {
    const drop = this.#store.load();
    if (drop === null) return null;
    if (drop.change !== null) return now + RECORD_GRACE_MS;
    const oldest = this.#store.oldestEventAt();
    const retireAt = oldest === null ? null : Math.max(oldest + DROP_KEPT_MS + 1, now + ALARM_AHEAD_MS_MIN);
    return this.#outbox.nextAt(drop.version, now) ?? retireAt;
  }

  async #answer(outcome: DropOutcome, waitMs: number): Promise<{ outcome: DropOutcome; recorded: Recorded }> {
    const version = outcome.ok ? outcome.drop.version : (this.#store.load()?.version ?? 0);
    // A refusal wrote nothing and waits for nothing.
    const recorded = await this.#outbox.reached(version, outcome.ok ? waitMs : 0);
    return { outcome, recorded: recorded ? "d1" : "object" };
  }
}
