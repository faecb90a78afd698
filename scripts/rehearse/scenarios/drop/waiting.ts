import type { EntryView } from "../../crowd/books.ts";
import { pause } from "../../crowd/crowd.ts";
import { onReservation } from "../../crowd/reservation-calls.ts";
import type { Shopper } from "../../crowd/shopper.ts";
import { join, leave, readEntry } from "../../crowd/waitlist-calls.ts";

/** How long somebody stays on a waitlist before giving up. */
const waitMsMax = 14_000;
const pollMs = 500;
/** Whoever watches needs not ask, but for what was lost while the service was away. */
const watchedPollMs = 2500;
const watchMs = 50;

/** Waits for units to come back, and takes them, turns them down, or looks away. */
export async function waitFor(shopper: Shopper, sku: string, quantity: number): Promise<void> {
  const { random, world } = shopper;
  const watcher = random.chance(0.5) ? shopper.watch([sku, shopper.pickSku()]) : null;
  try {
    const joined = await join(shopper, sku, quantity);
    if (!joined.ok) return shopper.expectRefusal("joining", joined, "stock-available");
    if (random.chance(0.1)) await joinAgain(shopper, joined.body);
    const patienceMs = random.chance(0.2) ? random.between(500, 3000) : waitMsMax;
    const offered = await untilOffered(
      shopper,
      joined.body,
      patienceMs,
      () => watcher?.offers.get(joined.body.id) ?? null,
    );
    if (offered === null) return leave(shopper, world.books.entries.get(joined.body.id) ?? joined.body);
    if (offered.status === "offered") await answerOffer(shopper, offered);
    // The frames of the last change have to be on their way before the page is closed.
    if (watcher !== null) await pause(1000);
  } finally {
    watcher?.close();
  }
}

/** One place to a customer, as long as it has not ended. */
async function joinAgain(shopper: Shopper, entry: EntryView): Promise<void> {
  const again = await join(shopper, entry.sku, entry.quantity);
  if (!again.ok) return shopper.expectRefusal("joining again", again, "already-waiting", "stock-available");
  const first = await readEntry(shopper, entry);
  if (first?.status === "waiting" || first?.status === "offered") shopper.surprise("one place to a customer", again);
  await leave(shopper, again.body);
}

/** The entry once it is not waiting any more; null when its customer has no more patience. */
async function untilOffered(
  shopper: Shopper,
  joined: EntryView,
  patienceMs: number,
  heard: () => string | null,
): Promise<EntryView | null> {
  const until = Date.now() + patienceMs;
  const isWatched = shopper.world.watchers.some(({ customer, hasLeft }) => customer === shopper.name && !hasLeft);
  const pollEveryMs = isWatched ? watchedPollMs : pollMs;
  for (let askedAt = Date.now(); Date.now() < until; ) {
    await pause(isWatched ? watchMs : pollMs);
    if (heard() === null && Date.now() - askedAt < pollEveryMs) continue;
    askedAt = Date.now();
    const entry = await readEntry(shopper, joined);
    if (entry !== null && entry.status !== "waiting") return entry;
  }
  return null;
}

async function answerOffer(shopper: Shopper, entry: EntryView): Promise<void> {
  const { random, world } = shopper;
  const offer = { sku: entry.sku, id: entry.reservation ?? "" };
  if (random.chance(0.6)) await onReservation(shopper, offer, "confirm");
  else if (random.chance(0.5)) await leave(shopper, entry);
  else {
    await world.sale.clock.until(Date.parse(entry.offerExpiresAt ?? ""));
    await pause(random.between(100, 1500));
    // It has lapsed; a payment that is on its way may still be in time.
    if (random.chance(0.4)) await onReservation(shopper, offer, "confirm");
  }
  await readEntry(shopper, entry);
}
