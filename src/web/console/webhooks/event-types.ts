import type { WebhookPlan } from "../../../client/client.ts";

export type EventChoice = Exclude<WebhookPlan["events"][number], "*">;

/** All event types, in the order in which people look for them. */
export const EVENT_GROUPS: readonly { name: string; types: readonly EventChoice[] }[] = [
  {
    name: "Reservations",
    types: [
      "reservation.held",
      "reservation.extended",
      "reservation.confirmed",
      "reservation.released",
      "reservation.expired",
      "reservation.returned",
      "reservation.refund_required",
    ],
  },
  { name: "Stock", types: ["stock.adjusted", "stock.low", "stock.sold_out", "stock.back"] },
  { name: "Sale", types: ["sale.opened", "sale.closed", "sku.created", "sku.updated", "drop.updated"] },
  { name: "Waitlist", types: ["waitlist.joined", "waitlist.offered", "waitlist.withdrawn"] },
  {
    name: "Carts",
    types: ["cart.held", "cart.extended", "cart.confirmed", "cart.released", "cart.expired", "cart.refund_required"],
  },
];
