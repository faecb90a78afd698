import { describe, expect, it } from "vitest";
import { WEBHOOK_PAUSES_MS } from "../../src/domain/bounds.ts";
import { answered, type Delivery, dueNow, nextDueAt, sendAgain, take } from "../../src/domain/delivery.ts";
import { remove, stop, type Webhook } from "../../src/domain/webhook.ts";
import { DAY, delivery, HOUR, hook, logged, MINUTE, result, SECOND, T0 } from "./webhook-case.ts";

const idle = new Set<string>();
const positions = (deliveries: readonly Delivery[]) => deliveries.map(({ position }) => position);
const due = (pending: Delivery[], busy = idle, now = T0, webhook: Webhook = hook()) =>
  positions(dueNow(webhook, pending, busy, now));

/** The delivery and its webhook after each of these answers, given when it is due. */
function tried(statuses: readonly (number | null)[], jitter = 0) {
  let webhook = hook();
  let now = T0;
  let one = delivery(1, "sku/air");
  const at: number[] = [];
  for (const status of statuses) {
    now = one.nextAttemptAt ?? now;
    at.push(now - T0);
    const after = answered(webhook, one, one, result(status), now, jitter);
    webhook = after.webhook;
    one = after.delivery ?? one;
  }
  return { webhook, one, at, now };
}
const failures = (count: number) => Array.from({ length: count }, () => 500);

describe("what is taken from the log", () => {
  it("[WHK4] becomes due at once, under the event's own id and the webhook's round", () => {
    const events = [logged(7, "sku/air", 3, "stock.low"), logged(8, "cart/c", 1, "cart.held")];
    expect(take(hook({ events: ["stock.low"] }, { round: 4 }), events, T0)).toEqual([
      { ...delivery(7, "sku/air"), event: "sku/air:3", sequence: 3, round: 4 },
    ]);
  });
});

describe("what is sent next", () => {
  it("[WHK7] is the first of each stream, one at a time", () => {
    const pending = [delivery(1, "a"), delivery(2, "a"), delivery(3, "b"), delivery(4, "b")];
    expect(due(pending)).toEqual([1, 3]);
    expect(due(pending, new Set(["a"]))).toEqual([3]);
  });

  it("[WHK7] is of five streams at most", () => {
    const pending = ["a", "b", "c", "d", "e", "f", "g"].map((stream, index) => delivery(index + 1, stream));
    expect(due(pending)).toEqual([1, 2, 3, 4, 5]);
    expect(due(pending, new Set(["a", "b", "c"]))).toEqual([4, 5]);
    expect(due(pending, new Set(["a", "b", "c", "d", "e"]))).toEqual([]);
  });

  it("[WHK8] is nothing behind one that waits for its next try, until that is put aside", () => {
    const waiting = delivery(1, "a", { tries: 4, nextAttemptAt: T0 + MINUTE });
    expect(due([waiting, delivery(2, "a")])).toEqual([]);
    expect(due([{ ...waiting, aside: true }, delivery(2, "a")])).toEqual([2]);
    expect(due([waiting, delivery(2, "a")], idle, T0 + MINUTE)).toEqual([1]);
  });

  it("[WHK8] is one that was put aside by itself, and still not beside another of its stream", () => {
    const aside = delivery(1, "a", { aside: true });
    expect(due([aside, delivery(2, "a")])).toEqual([1]);
    expect(due([aside], new Set(["a"]))).toEqual([]);
  });

  it("[WHK10] is nothing while the endpoint asked for quiet, and nothing when it is stopped or deleted", () => {
    const pending = [delivery(1, "a")];
    const paused = hook({}, { pausedUntil: T0 + MINUTE });
    expect(due(pending, idle, T0 + MINUTE - 1, paused)).toEqual([]);
    expect(due(pending, idle, T0 + MINUTE, paused)).toEqual([1]);
    expect(nextDueAt(paused, pending, idle)).toBe(T0 + MINUTE);
    for (const ended of [stop(hook(), "gone", T0), remove(hook(), T0)]) {
      expect(due(pending, idle, T0, ended)).toEqual([]);
      expect(nextDueAt(ended, pending, idle)).toBeNull();
    }
  });

  it("[WHK7] is awaited until the first that may go, and not at all when only answers can change something", () => {
    const pending = [delivery(1, "a", { nextAttemptAt: T0 + HOUR }), delivery(2, "a"), delivery(3, "b")];
    expect(nextDueAt(hook(), pending, idle)).toBe(T0);
    expect(nextDueAt(hook(), pending, new Set(["b"]))).toBe(T0 + HOUR);
    expect(nextDueAt(hook(), pending, new Set(["a", "b"]))).toBeNull();
    expect(nextDueAt(hook(), pending, new Set(["1", "2", "3", "4", "5"]))).toBeNull();
    expect(nextDueAt(hook(), [], idle)).toBeNull();
  });
});

describe("a try that fails", () => {
  it("[WHK8] is made again after 5 s, 30 s, 2 min and 5 min, and then its stream goes on without it", () => {
    const { at, one } = tried(failures(5));
    expect(at).toEqual([0, 5, 35, 155, 455].map((seconds) => seconds * SECOND));
    expect(one).toMatchObject({ tries: 5, attempts: 5, aside: true, status: "pending" });
    expect(tried(failures(4)).one.aside).toBe(false);
  });

  it("[WHK9] is made again for at least a day, and then given up", () => {
    for (const jitter of [0, 0.999]) {
      const { at, one } = tried(failures(30), jitter);
      expect(one).toMatchObject({ status: "failed", nextAttemptAt: null });
      const last = at[one.attempts - 1] ?? 0;
      expect(last).toBeGreaterThanOrEqual(DAY);
      expect(last).toBeLessThan(DAY + 5 * HOUR);
    }
  });

  it("[WHK9] waits a little longer by chance, by up to a fifth", () => {
    const waits = [0, 0.5, 1].map((jitter) => tried([500], jitter).one.nextAttemptAt);
    expect(waits).toEqual([T0 + 5000, T0 + 5500, T0 + 6000]);
  });

  it.each([199, 301, 302, 307, 400, 404, 429, 500, 503, null])("[WHK5] is every answer but 2xx: %s", (status) => {
    const { one, webhook } = tried([status]);
    expect(one).toMatchObject({ status: "pending", attempts: 1, lastAttempt: { status, at: T0 } });
    expect(webhook).toMatchObject({ failingSince: T0, lastSuccessAt: null, status: "active" });
  });

  it.each([200, 201, 204, 299])("[WHK5] is not %s", (status) => {
    const { one, webhook } = tried([status]);
    expect(one).toMatchObject({ status: "delivered", nextAttemptAt: null, attempts: 1 });
    expect(webhook).toMatchObject({ failingSince: null, lastSuccessAt: T0 });
  });
});

describe("an endpoint that asks for time", () => {
  const asking = (status: number, retryAfterMs: number) =>
    answered(hook(), delivery(1, "a"), delivery(1, "a"), result(status, retryAfterMs), T0, 0);

  it("[WHK10] gets it for the delivery, at least until the next try would be made anyway and at most for a day", () => {
    expect(asking(500, HOUR).delivery?.nextAttemptAt).toBe(T0 + HOUR);
    expect(asking(500, SECOND).delivery?.nextAttemptAt).toBe(T0 + (WEBHOOK_PAUSES_MS[0] ?? 0));
    expect(asking(500, 30 * DAY).delivery?.nextAttemptAt).toBe(T0 + DAY);
    expect(asking(500, HOUR).webhook.pausedUntil).toBeNull();
  });

  it.each([429, 503])("[WHK10] gets it for everything with %s", (status) => {
    expect(asking(status, HOUR).webhook.pausedUntil).toBe(T0 + HOUR);
    expect(asking(status, 30 * DAY).webhook.pausedUntil).toBe(T0 + DAY);
    expect(asking(status, 0).webhook.pausedUntil).toBeNull();
    const longer = hook({}, { pausedUntil: T0 + DAY });
    const again = answered(longer, delivery(1, "a"), delivery(1, "a"), result(status, HOUR), T0, 0);
    expect(again.webhook.pausedUntil).toBe(T0 + DAY);
  });
});

describe("an endpoint that is down", () => {
  const success = (webhook: Webhook, now: number) =>
    answered(webhook, delivery(1, "a"), delivery(1, "a"), result(200), now, 0);

  it("[WHK12] is back with its first success after a minute of failures", () => {
    const failing = hook({}, { failingSince: T0 });
    expect(success(failing, T0 + MINUTE).isBack).toBe(true);
    expect(success(failing, T0 + MINUTE - 1).isBack).toBe(false);
    expect(success(hook(), T0 + MINUTE).isBack).toBe(false);
  });

  it("[WHK11] is stopped as unreachable after three days of failures, and its delivery is kept", () => {
    const since = hook({}, { failingSince: T0 });
    const fail = (now: number) => answered(since, delivery(1, "a"), delivery(1, "a"), result(null), now, 0);
    expect(fail(T0 + 3 * DAY - 1).webhook.status).toBe("active");
    expect(fail(T0 + 3 * DAY)).toMatchObject({
      webhook: { status: "stopped", stoppedReason: "unreachable" },
      delivery: { status: "pending", attempts: 1 },
    });
  });

  it("[WHK11] is not stopped by one failure after a long time without any try", () => {
    const since = hook({}, { failingSince: T0, lastFailureAt: T0 + DAY });
    const fail = (now: number) => answered(since, delivery(1, "a"), delivery(1, "a"), result(503), now, 0).webhook;
    expect(fail(T0 + 3 * DAY - 1)).toMatchObject({
      status: "active",
      failingSince: T0,
      lastFailureAt: T0 + 3 * DAY - 1,
    });
    expect(fail(T0 + 30 * DAY)).toMatchObject({ status: "active", failingSince: T0 + 30 * DAY });
  });

  it("[WHK11] is stopped as gone by a 410, which is no try of the delivery", () => {
    const { webhook, one } = tried([500, 410]);
    expect(webhook).toMatchObject({ status: "stopped", stoppedReason: "gone" });
    expect(one).toMatchObject({ status: "pending", tries: 1, attempts: 2, lastAttempt: { status: 410 } });
  });
});

describe("an answer that comes late", () => {
  const sent = delivery(1, "a");

  it("[WHK13] says nothing of a delivery that was asked for again meanwhile, or is not there any more", () => {
    const again = sendAgain(sent, 2, T0);
    for (const status of [200, 500]) {
      expect(answered(hook(), sent, again, result(status), T0, 0).delivery).toBeNull();
      expect(answered(hook(), sent, null, result(status), T0, 0).delivery).toBeNull();
    }
    expect(answered(hook(), sent, null, result(200), T0, 0).webhook.lastSuccessAt).toBe(T0);
  });

  it("[WHK11] is still taken in by a webhook that was stopped, which stays stopped", () => {
    const stopped = stop(hook(), "gone", T0);
    const after = answered(stopped, sent, sent, result(200), T0, 0);
    expect(after).toMatchObject({ webhook: { status: "stopped" }, delivery: { status: "delivered" } });
  });

  it("[WHK14] changes nothing of one that was deleted", () => {
    const deleted = remove(hook(), T0);
    for (const status of [200, 410, 500]) {
      expect(answered(deleted, sent, sent, result(status), T0, 0)).toEqual({
        webhook: deleted,
        delivery: null,
        isBack: false,
      });
    }
  });
});

describe("a delivery that is sent again", () => {
  it("[WHK13] is due now, with all its tries before it, by itself when its stream has gone past it", () => {
    const { one } = tried([...failures(30)]);
    const again = sendAgain(one, 2, T0 + 3 * DAY);
    expect(again).toMatchObject({ status: "pending", nextAttemptAt: T0 + 3 * DAY, round: 2, tries: 0, aside: true });
    expect(again.attempts).toBe(one.attempts);
    expect(sendAgain(delivery(1, "a"), 2, T0).aside).toBe(false);
  });

  it("[WHK9] has its day of tries anew", () => {
    const { one } = tried([...failures(30)]);
    const again = sendAgain(one, 2, T0 + 3 * DAY);
    expect(answered(hook(), again, again, result(500), T0 + 3 * DAY, 0).delivery?.status).toBe("pending");
  });
});
