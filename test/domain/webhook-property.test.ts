import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoggedType } from "../../src/domain/log.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./webhook-case.ts";
import { WebhookWorld } from "./webhook-world.ts";

const stream = fc.constantFrom("sku/a", "sku/b", "sku/c", "sku/other", "cart/a");
const type = fc.constantFrom<LoggedType>("reservation.held", "stock.low", "sale.opened");
const status = fc.oneof(
  { weight: 8, arbitrary: fc.constant(204) },
  { weight: 6, arbitrary: fc.constantFrom(301, 400, 429, 500, 503, null) },
  { weight: 1, arbitrary: fc.constant(410) },
);
const step = fc.oneof(
  { weight: 50, arbitrary: fc.record({ do: fc.constant("happen" as const), stream, type }) },
  { weight: 30, arbitrary: fc.record({ do: fc.constant("read" as const), most: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 60, arbitrary: fc.record({ do: fc.constant("send" as const) }) },
  {
    weight: 70,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      pick: fc.nat(9),
      status,
      retryAfterMs: fc.constantFrom(null, null, MINUTE, 2 * DAY),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(SECOND, 10 * SECOND, 5 * MINUTE, HOUR, 5 * HOUR, DAY),
    }),
  },
  { weight: 15, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("send again" as const), pick: fc.nat(20) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("move back" as const), position: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function take(world: WebhookWorld, one: Step): void {
  switch (one.do) {
    case "happen":
      world.happen(one.stream, one.type);
      break;
    case "read":
      world.read(one.most);
      break;
    case "send":
      world.send();
      break;
    case "answer":
      world.answer(one.pick, one.status, one.retryAfterMs, one.jitter);
      break;
    case "pass":
      world.now += one.ms;
      break;
    case "crash":
      world.crash();
      break;
    case "send again":
      world.sendAgain(one.pick);
      break;
    case "move back":
      world.moveBack(one.position);
      break;
    case "delete":
      world.delete();
      break;
  }
}

describe("whatever happens between a log and an endpoint", () => {
  it("[WHK4] every event that matches is pending, delivered or given up, and gets there once the endpoint is well", () => {
    const types = fc.constantFrom<(LoggedType | "*")[]>(["*"], ["stock.low", "reservation.held"]);
    fc.assert(
      fc.property(types, fc.array(step, { minLength: 20, maxLength: 120, size: "max" }), (wanted, steps) => {
        const world = new WebhookWorld(wanted);
        for (const one of steps) {
          take(world, one);
          world.check();
        }
        world.settle();
        world.check();
      }),
      { numRuns: 500 },
    );
  });

  it("[WHK7] an endpoint that fails only now and then takes each stream in order", () => {
    const flaky = fc.array(fc.record({ pick: fc.nat(9), fails: fc.integer({ min: 0, max: 4 }) }), {
      maxLength: 60,
      size: "max",
    });
    fc.assert(
      fc.property(fc.array(stream, { minLength: 1, maxLength: 30, size: "max" }), flaky, (streams, answers) => {
        const world = new WebhookWorld(["*"]);
        for (const one of streams) world.happen(one, "stock.low");
        world.read(100);
        for (const { pick, fails } of answers) {
          world.send();
          const failing = world.calls[pick % Math.max(1, world.calls.length)]?.sent;
          if (failing !== undefined && failing.tries < fails) world.answer(pick, 500);
          else world.answer(pick, 204);
          world.now += 10 * MINUTE;
        }
        world.settle();
        const order = world.taken.map(({ position }) => world.log[position - 1]);
        for (const name of new Set(streams)) {
          const sequences = order.flatMap((event) => (event?.stream === name ? [event.sequence] : []));
          expect(sequences).toEqual([...sequences].sort((one, other) => one - other));
        }
      }),
    );
  });
});
