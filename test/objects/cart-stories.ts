import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { COUNT_PAUSE_MS } from "../../src/domain/bounds.ts";
import { Timers } from "../../src/objects/shared/timers.ts";
import { allowanceOf } from "../domain/sale.ts";
import type { CartCase } from "./cart-case.ts";
import type { Story } from "./cart-losses.ts";

/** Opens the cart and lets it expire. */
export async function expired(made: CartCase): Promise<void> {
  await made.open();
  await made.pass(900_000);
}

/** Takes all stock of the SKU that is under a limit. */
export const takeLimited = (made: CartCase) => made.limited.run({ type: "adjust", delta: -2, reason: "gone" });
export const confirm = (made: CartCase) => made.act({ type: "confirm", orderId: "o" });

/** The customer has what the drop allows in a size that cannot be asked. */
function claimElsewhere({ drop, customer }: CartCase): Promise<unknown> {
  const claim = { id: "elsewhere", customer, sku: "another-size", units: 1, version: 1, limit: 1 };
  return env.ALLOWANCE.getByName(allowanceOf(drop, customer)).claim([claim]);
}

/** How long a late payment pauses is shown on a fake clock, and the limit's own clock stands still here. */
function pauseShortly(): void {
  const { pause } = Timers.prototype;
  vi.spyOn(Timers.prototype, "pause").mockImplementation(function (this: Timers, ms) {
    return pause.call(this, ms === COUNT_PAUSE_MS ? 50 : ms);
  });
}

export const NOTHING = { held: 0, sold: 0 };

/** What a cart does while its units are held, or does not get them. */
export const HELD: readonly Story[] = [
  {
    name: "an extension",
    before: (made) => made.open(),
    act: (made) => made.act({ type: "extend", ttlSeconds: 1500 }),
    calls: 2,
    ends: "held",
    holds: { held: 2, sold: 0 },
    events: ["cart.held", "cart.extended"],
  },
  {
    name: "a release",
    before: (made) => made.open(),
    act: (made) => made.act({ type: "release" }),
    calls: 2,
    ends: "released",
    holds: NOTHING,
    events: ["cart.held", "cart.released"],
  },
  {
    name: "an opening without stock",
    before: takeLimited,
    act: (made) => made.open(),
    calls: 2,
    ends: null,
    holds: NOTHING,
    events: [],
  },
  {
    name: "an opening that the drop's limit does not allow",
    before: claimElsewhere,
    act: (made) => made.open(),
    calls: 5,
    ends: null,
    holds: NOTHING,
    events: [],
  },
];

/** A payment that comes after the cart has expired. */
export const LATE: Story = {
  name: "a late payment",
  before: expired,
  act: confirm,
  calls: 5,
  ends: "confirmed",
  holds: { held: 0, sold: 2 },
  events: ["cart.held", "cart.expired", "cart.confirmed"],
};

export const LATE_REFUNDED: Story = {
  name: "a late payment that is refunded",
  before: async (made) => {
    await expired(made);
    await takeLimited(made);
  },
  act: confirm,
  calls: 6,
  ends: "expired",
  holds: NOTHING,
  events: ["cart.held", "cart.expired", "cart.refund_required"],
};

export const LATE_OVER_LIMIT: Story = {
  name: "a late payment that the drop's limit does not allow",
  before: async (made) => {
    pauseShortly();
    await expired(made);
    await claimElsewhere(made);
  },
  act: confirm,
  calls: 8,
  ends: "expired",
  holds: NOTHING,
  events: ["cart.held", "cart.expired", "cart.refund_required"],
};
