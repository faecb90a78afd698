import type { Outcome } from "../../src/domain/command.ts";
import type { Verdict } from "./oracle.ts";

/** An outcome, told as the oracle tells it. */
export function verdictOf(outcome: Outcome): Verdict {
  if (!outcome.ok) {
    const { displayCap: _shown, detail: _told, ...refusal } = { displayCap: null, detail: "", ...outcome.refusal };
    return refusal;
  }
  const replayed = outcome.replayed ? { replayed: true as const } : {};
  if (outcome.type === "batch") return { parts: outcome.outcomes.map(verdictOf), ...replayed };
  if (outcome.type === "sku") {
    const { stock, held, sold, available, revision, phase } = outcome.sku;
    return { stock, held, sold, available, revision, phase, ...replayed };
  }
  if (outcome.type !== "reservation") throw new Error(`not an outcome of these commands: ${outcome.type}`);
  const { id, status, expiresAt, confirmedQuantity, returnedQuantity, orderId, rescued } = outcome.reservation;
  const claim = { id, status, expiresAt, confirmed: confirmedQuantity, returned: returnedQuantity, orderId, rescued };
  return { ...claim, available: outcome.stock.available, ...replayed };
}
