import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CART_DECISION_MS } from "../../src/domain/bounds.ts";
import { CartCase, type Failing } from "./cart-case.ts";

/** Something that a cart does, which ends as it should whatever gets lost on the way. */
export interface Story {
  name: string;
  /** What comes before the calls that get lost. */
  before(made: CartCase): Promise<unknown>;
  act(made: CartCase): Promise<unknown>;
  /** How many calls that takes. */
  calls: number;
  /** How the cart ends, null: it was never there. */
  ends: string | null;
  holds: { held: number; sold: number };
  events: string[];
}

async function expectEnd(made: CartCase, { ends, holds, events }: Story): Promise<void> {
  // Where its object died, the alarm leaves it to go on by itself.
  const status = async () => (await made.look())?.status ?? null;
  await expect.poll(status, { timeout: 5000 }).toBe(ends);
  const cart = await made.look();
  expect(await made.holds()).toEqual(holds);
  if (ends === "expired") {
    expect(cart).toMatchObject({ refunds: [{ code: "hold-expired" }] });
    for (const sale of [made.plain, made.limited]) {
      const due = () => sale.count("event", "type = 'reservation.refund_required'");
      await expect.poll(due, { timeout: 5000 }).toBe(1);
    }
  }
  for (const sale of [made.plain, made.limited]) {
    for (const { expires_at } of await sale.rows<{ expires_at: number }>(
      "SELECT expires_at FROM reservation WHERE status = 'held'",
    )) {
      // A line lasts from when it hears of it.
      expect(expires_at).toBeGreaterThanOrEqual(cart?.expiresAt ?? 0);
    }
    await sale.audit();
  }
  const query = "SELECT type FROM event WHERE stream = ? ORDER BY sequence";
  const told = async () => (await env.DB.prepare(query).bind(`cart/${made.id}`).all()).results.map(({ type }) => type);
  await expect.poll(told, { timeout: 5000 }).toEqual(events);
}

const LOSSES: Record<Failing, string> = {
  before: "[CRT2] ends the same when call %i is lost before its effect",
  after: "[CRT2] ends the same when the answer to call %i is lost",
  crash: "[CRT2] ends the same by the cart's alarm alone when it dies under call %i",
};

async function ready(story: Story): Promise<CartCase> {
  const made = await CartCase.make();
  made.waitMs = 5_000;
  await story.before(made);
  return made;
}

/** Tests that a story ends the same whichever of its calls fails in one of these ways. */
export function describeLosses(story: Story, ...failings: Failing[]): void {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  describe(story.name, () => {
    it("[CRT2] makes as many calls as these tests take away", async () => {
      const made = await ready(story);
      const before = made.calls;
      await story.act(made);
      expect(made.calls - before).toBe(story.calls);
      await expectEnd(made, story);
    });

    for (const failing of failings) {
      it.each(Array.from({ length: story.calls }, (_none, at) => at))(LOSSES[failing], async (at) => {
        const made = await ready(story);
        made.failCall(made.calls + at, failing);
        await (failing === "crash" ? dieDoing(made, story) : story.act(made));
        await expectEnd(made, story);
      });
    }
  });
}

async function dieDoing(made: CartCase, story: Story): Promise<void> {
  await story.act(made).then(
    () => expect.unreachable("the cart answered after its death"),
    () => undefined,
  );
  await made.pass(CART_DECISION_MS);
}
