import type { Refusal, WaitlistEntry } from "../../client/client.ts";
import type { Stock } from "../../client/wire.ts";
import { spokenTime } from "./times.ts";

/** Texts about stock: short on a size's button, long beside the button that buys. */
export interface StockWords {
  short: string;
  long: string;
  tone: "plenty" | "low" | "held" | "gone" | "closed";
}

/** The texts for a size's stock. Units in the visitor's own cart are not shown as someone else's. */
export function stockWords({ state, available, capped, low }: Stock, isMine: boolean): StockWords {
  if (isMine) return { short: "Yours", long: "Reserved for you", tone: "plenty" };
  switch (state) {
    case "open": {
      if (low) return { short: `${available} left`, long: `Only ${available} left!`, tone: "low" };
      return { short: "In stock", long: capped ? `More than ${available} in stock` : "In stock", tone: "plenty" };
    }
    case "held_elsewhere":
      return { short: "In carts", long: "All in other carts, may come back", tone: "held" };
    case "sold_out":
      return { short: "Sold out", long: "Sold out, join the waitlist", tone: "gone" };
    case "scheduled":
      return { short: "Soon", long: "Not open yet", tone: "closed" };
    case "paused":
      return { short: "Paused", long: "The sale is paused", tone: "closed" };
    case "closed":
      return { short: "Over", long: "This drop is over", tone: "closed" };
  }
}

/** A refusal in plain words. `size` is what it is about, `hasBought` whether the visitor has bought the pair. */
export function sayRefusal(refusal: Refusal, size: string, hasBought = false): string {
  switch (refusal.code) {
    case "cart-not-held": {
      const problems = refusal.lines.flatMap(({ problem }) => problem ?? []);
      const worst = problems.find(({ code }) => code === "limit-exceeded") ?? problems[0];
      return worst === undefined ? "We could not hold that. Please try again." : sayRefusal(worst, size, hasBought);
    }
    case "insufficient-stock":
      if (refusal.available > 0) return `Only ${refusal.available} of ${size} left.`;
      return refusal.state === "sold_out"
        ? `${size} has just sold out. You can join its waitlist.`
        : `Just missed it. The last ${size} is in someone’s cart. It may come back, and the waitlist gets it first.`;
    case "limit-exceeded":
      if (refusal.scope === "reservation") return `At most ${refusal.limit} at a time, please.`;
      if (refusal.scope === "rehold" || refusal.scope === "abandoned") return sayTurn(refusal, size);
      if (refusal.scope === "sku") return `At most ${refusal.limit} of these per person.`;
      return `${sayLimit(refusal.limit)}${
        hasBought ? ", and you have bought yours." : ". Remove the one you hold to choose another size."
      }`;
    case "not-open":
      return "Not open yet.";
    case "closed":
      return "This drop is over. Nothing new is sold.";
    case "paused":
      return "The sale is paused. What you hold stays reserved for you.";
    case "hold-expired":
      return "Your time ran out, and the pair went back on sale.";
    case "already-released":
      return "You already removed this one.";
    case "already-confirmed":
      return "This order is already paid.";
    case "extension-limit":
      return "This hold cannot be extended any further.";
    case "stock-available":
      return `${size} is back: no need to wait, add it to your cart.`;
    case "already-waiting":
      return "You are already on this waitlist.";
    case "not-found":
      return "Not found.";
    case "drop-exists":
    case "drop-in-use":
    case "gone":
    case "not-confirmed":
    case "nothing-to-return":
    case "part-of-cart":
    case "sku-exists":
    case "stock-in-use":
    case "too-many-secrets":
    case "too-many-webhooks":
    case "version-mismatch":
    case "webhook-stopped":
      return refusal.detail;
  }
}

/** Why other customers go first, and when to try again; after that there is the waitlist. */
function sayTurn({ scope, retryAfterSeconds }: Refusal<"limit-exceeded">, size: string): string {
  const why =
    scope === "rehold"
      ? `Others wanted ${size} while you had it, so they go first.`
      : `You gave ${size} back too often, so others go first for a while.`;
  return `${why} You can try again in ${spokenTime(retryAfterSeconds ?? 1)}. If it is gone by then, join its waitlist.`;
}

/** The limit across the sizes. */
export function sayLimit(limit: number): string {
  return limit === 1 ? "One pair per person" : `At most ${limit} pairs per person`;
}

/** Why a payment is refunded, by the state of what it was for. */
export function whyRefunded(status: string, size: string): string {
  if (status === "confirmed" || status === "accepted") return `${size} was already paid when this payment arrived.`;
  if (status === "released" || status === "declined") return `You had given ${size} back before your payment arrived.`;
  return `Your payment arrived after your time was up, and ${size} had gone to someone else.`;
}

/** How a waitlist entry ended; null if the visitor ended it. */
export function sayPlaceEnd({ status, reason }: Pick<WaitlistEntry, "status" | "reason">, size: string): string | null {
  if (status === "lapsed") return "Your offer ran out and went to the next one in line.";
  if (status !== "withdrawn" || reason === "left") return null;
  if (reason === "closed") return "The drop and its waitlist have closed.";
  return `You have reached the limit per person, so ${size} went to the next one in line.`;
}

/** An outage, worded so that it is not taken for a refusal. */
export const OUTAGE = "We cannot reach the shop. Nothing is lost, and nothing is done twice. Please try again.";

/** Announcements of the time left, at the moments that matter to a screen reader's user. */
export function sayTimeLeft(seconds: number, warnSeconds: number): string | null {
  if (seconds === warnSeconds) return `${spokenTime(seconds)} left to pay.`;
  if (seconds === 30 && warnSeconds > 30) return "30 seconds left to pay.";
  return seconds === 10 && warnSeconds > 10 ? "10 seconds left to pay." : null;
}
