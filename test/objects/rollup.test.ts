import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sumOf } from "../../src/domain/analytics.ts";
import { readRolledUp, rollUp } from "../../src/storage/d1-rollup.ts";

/** What may happen to a claim, and what has become of it then. */
const LIVES = [
  { events: [], end: "open" },
  { events: ["confirmed"], end: "sold" },
  { events: ["expired"], end: "abandoned" },
  { events: ["released"], end: "abandoned" },
  { events: ["expired", "rescued"], end: "sold" },
  { events: ["superseded"], end: "superseded" },
  { events: ["superseded", "rescued"], end: "sold" },
  { events: ["confirmed", "returned"], end: "sold" },
] as const;
type Happening = (typeof LIVES)[number]["events"][number] | "held";

const claims = fc.array(
  fc.record({
    life: fc.constantFrom(...LIVES),
    minute: fc.nat(3),
    // How late each of its events comes, against those of others.
    pauses: fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }),
  }),
  { maxLength: 12 },
);

interface Step {
  id: string;
  happening: Happening;
  minute: number;
  at: number;
}

async function log(sku: string, sequence: number, { id, happening, minute, at }: Step): Promise<void> {
  const type = { superseded: "released", rescued: "confirmed" }[happening as string] ?? happening;
  const reservation = { id, createdAt: minute * 60_000 + 7, rescued: happening === "rescued" };
  const detail = happening === "superseded" ? JSON.stringify({ reason: "superseded" }) : null;
  await env.DB.prepare(
    "INSERT INTO event (stream, sequence, sku, type, time, reservation, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
  )
    .bind(
      `sku/${sku}`,
      sequence,
      sku,
      `reservation.${type}`,
      (minute + at) * 60_000,
      JSON.stringify(reservation),
      detail,
    )
    .run();
}

describe("the roll-up", () => {
  it("[ANA2] [ANA5] counts each claim once, in its minute, as what has become of it, wherever it is interrupted", async () => {
    await fc.assert(
      fc.asyncProperty(claims, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), async (all, looks) => {
        const sku = `sku-${crypto.randomUUID()}`;
        const steps = all.flatMap(({ life, minute, pauses }, index) => {
          let at = 0;
          return (["held", ...life.events] as const).map((happening, nth): Step => {
            at += pauses[nth] ?? 0;
            return { id: `${sku}-${index}`, happening, minute, at };
          });
        });
        steps.sort((one, other) => one.minute + one.at - other.minute - other.at);
        for (const [index, step] of steps.entries()) {
          await log(sku, index + 1, step);
          if (looks[index]) await rollUp(env.DB);
        }
        await rollUp(env.DB);
        const counted = await readRolledUp(env.DB, [sku], { fromMinute: 0, toMinute: 4, bucketMinutes: 1 });
        for (let minute = 0; minute < 4; minute += 1) {
          const ends = all.flatMap(({ life, minute: made }) => (made === minute ? life.end : []));
          const count = (end: string) => ends.filter((each) => each === end).length;
          const {
            "#claims": made = 0,
            "#claims-sold": sold = 0,
            "#claims-abandoned": abandoned = 0,
          } = counted.metrics.get(minute) ?? {};
          expect({ made, sold, abandoned }).toEqual({
            made: ends.length,
            sold: count("sold"),
            abandoned: count("abandoned"),
          });
          expect(made).toBe(sold + abandoned + count("open") + count("superseded"));
        }
        // What happened is counted in the minute in which it happened.
        const whole = await readRolledUp(env.DB, [sku], { fromMinute: 0, toMinute: 100, bucketMinutes: 100 });
        const { "reservation.held": held = 0 } = sumOf(whole.metrics.values());
        expect(held).toBe(all.length);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
