import type { Refusal, WaitlistEntry } from "../../client/client.ts";
import type { Stock } from "../../client/wire.ts";
import { spokenTime } from "./times.ts";

/** What is said of stock: short on a size's button, long beside the button that buys. */
export interface StockWords {
  short: string;
  long: string;
  tone: "plenty" | "low" | "held" | "gone" | "closed";
}

/** What is said of a size's stock. What sits in the visitor's own cart is not in somebody else's. */
export function stockWords({ state, available, capped, low }: Stock, isMine: boolean): StockWords {
  if (isMine) return { short: "Yours", long: "This one is held for you", tone: "plenty" };
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
      return { short: "Paused", long: "The sale is paused for a moment", tone: "closed" };
    case "closed":
      return { short: "Over", long: "This drop is over", tone: "closed" };
  }
}

/** A refusal in the words of a shop assistant. `size` is what it is about, `hasBought` whether the pair is paid already. */
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
        : `Somebody was quicker: the last ${size} is in another cart. It may come back, and those on its waitlist have it first.`;
    case "limit-exceeded":
      if (refusal.scope === "reservation") return `At most ${refusal.limit} at a time, please.`;
      if (refusal.scope === "rehold" || refusal.scope === "abandoned") return sayTurn(refusal, size);
      if (refusal.scope === "sku") return `At most ${refusal.limit} of these per person.`;
      return `${sayLimit(refusal.limit)}${
        hasBought
          ? ", and you have bought yours. Leave this one to somebody else?"
          : ". Give back the one you hold to choose another size."
      }`;
    case "not-open":
      return "Not open yet. You were faster than the clock.";
    case "closed":
      return "This drop is over. Nothing new is sold.";
    case "paused":
      return "The sale is paused for a moment. What you hold stays yours.";
    case "hold-expired":
      return "Your time ran out, and the pair went back on sale.";
    case "already-released":
      return "You gave this one back already.";
    case "already-confirmed":
      return "This order is paid already.";
    case "extension-limit":
      return "This is as long as we can hold it.";
    case "stock-available":
      return `${size} is back: no need to wait, add it to your cart.`;
    case "already-waiting":
      return "You are on this waitlist already.";
    case "not-found":
      return "We cannot find that any more.";
    case "drop-exists":
    case "drop-in-use":
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

/** Why others go first, and when one may try again; what is gone by then is waited for. */
function sayTurn({ scope, retryAfterSeconds }: Refusal<"limit-exceeded">, size: string): string {
  const why =
    scope === "rehold"
      ? `Others wanted ${size} while you had it, so they go first.`
      : `You have let go of ${size} so often that others go first for a while.`;
  return `${why} You can try again in ${spokenTime(retryAfterSeconds ?? 1)}. Should it be gone, join its waitlist.`;
}

/** What a limit across the sizes allows. */
export function sayLimit(limit: number): string {
  return limit === 1 ? "One pair per person" : `At most ${limit} pairs per person`;
}

/** Why money goes back, by what has become of what it was for. */
export function whyRefunded(status: string, size: string): string {
  if (status === "confirmed" || status === "accepted") return `${size} was paid already when this payment arrived.`;
  if (status === "released" || status === "declined") return `You had given ${size} back when your payment arrived.`;
  return `Your payment arrived after your time was up, and ${size} had gone to somebody else by then.`;
}

/** What became of a place on a waitlist; null where the visitor knows, because it was the visitor's own doing. */
export function sayPlaceEnd({ status, reason }: Pick<WaitlistEntry, "status" | "reason">, size: string): string | null {
  if (status === "lapsed") return "Your offer ran out and went to the next one in line.";
  if (status !== "withdrawn" || reason === "left") return null;
  if (reason === "closed") return "The drop has closed, and with it the line.";
  return `You have all that one person may have, so ${size} went to the next one in line.`;
}

/** An outage: never to be taken for a no. */
export const OUTAGE = "We cannot reach the till. Nothing is lost and nothing is done twice: please try again.";

/** What a hold's time is announced with, at the moments when somebody who only listens wants to hear it. */
export function sayTimeLeft(seconds: number, warnSeconds: number): string | null {
  if (seconds === warnSeconds) return `${spokenTime(seconds)} left to pay.`;
  if (seconds === 30 && warnSeconds > 30) return "30 seconds left to pay.";
  return seconds === 10 && warnSeconds > 10 ? "10 seconds left to pay." : null;
}
