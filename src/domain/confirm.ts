import type { ConfirmCommand, Refusal } from "./command.ts";
import { type Ledger, type Ruling, skuOf, unitsOf } from "./ledger.ts";
import type { Reservation } from "./model.ts";
import { availableUnits } from "./stock.ts";

/** Turns a hold into a sale, whole or in part; a payment that lands after expiry is rescued where units and limits allow. */
export function confirm(ledger: Ledger, command: ConfirmCommand, reservation: Reservation): Ruling {
  const quantity = command.quantity ?? reservation.quantity;
  switch (reservation.status) {
    case "held":
    case "expired": {
      if (reservation.refundRequired) return refuse(REFUND);
      if (quantity > reservation.quantity) return refuse(tooMany(reservation));
      return reservation.status === "held"
        ? sell(command, reservation, quantity, -reservation.quantity)
        : rescue(ledger, command, reservation, quantity);
    }
    case "confirmed":
    case "returned":
      return confirmAgain(command, reservation, quantity);
    case "released":
      return refuse({ code: "already-released", refundRequired: true });
  }
}

/** The payment came too late and for good. */
const REFUND: Refusal = { code: "hold-expired", refundRequired: true };

function refuse(refusal: Refusal): Ruling {
  return { kind: "refused", refusal };
}

function tooMany(reservation: Reservation): Refusal {
  return { code: "invalid-request", detail: `quantity: at most the ${reservation.quantity} reserved` };
}

function sell(command: ConfirmCommand, reservation: Reservation, quantity: number, dHeld: number): Ruling {
  const confirmed: Reservation = {
    ...reservation,
    status: "confirmed",
    confirmedQuantity: quantity,
    orderId: command.orderId ?? null,
    rescued: reservation.status === "expired",
  };
  return {
    kind: "changed",
    change: { type: "reservation.confirmed", dHeld, dSold: quantity, reservation: confirmed },
  };
}

/** The same confirmation again is the same answer; another one is refused, and another order's payment goes back. */
function confirmAgain(command: ConfirmCommand, reservation: Reservation, quantity: number): Ruling {
  const orderId = command.orderId ?? null;
  if (orderId === reservation.orderId && quantity === reservation.confirmedQuantity) return { kind: "unchanged" };
  const refundRequired = orderId !== null && orderId !== reservation.orderId;
  return refuse({ code: "already-confirmed", orderId: reservation.orderId, refundRequired });
}

function rescue(ledger: Ledger, command: ConfirmCommand, reservation: Reservation, quantity: number): Ruling {
  if (canRescue(ledger, reservation, quantity)) return sell(command, reservation, quantity, 0);
  return {
    kind: "refused",
    refusal: REFUND,
    change: { type: "reservation.refund_required", reservation: { ...reservation, refundRequired: true } },
  };
}

function canRescue(ledger: Ledger, reservation: Reservation, quantity: number): boolean {
  const sku = skuOf(ledger);
  const { lateConfirmSeconds, perCustomerLimit } = sku.policy;
  if (ledger.now >= reservation.expiresAt + lateConfirmSeconds * 1000) return false;
  if (quantity > availableUnits(sku, ledger.overdueUnits)) return false;
  return perCustomerLimit === null || unitsOf(ledger, reservation.customer) + quantity <= perCustomerLimit;
}
