import type { z } from "zod";
import type { analyticsQuery, analyticsView } from "../contracts/analytics.ts";
import type { cartView, openCartBody } from "../contracts/cart.ts";
import type { createDrop, dropView, patchDrop } from "../contracts/drop.ts";
import type { eventView, movementView } from "../contracts/event.ts";
import type { errorFrame, ServerFrame as Frame, snapshotFrame, stockFrame, waitlistFrame } from "../contracts/live.ts";
import type { readinessView } from "../contracts/operations.ts";
import type {
  batchCommand,
  confirmBody,
  extendBody,
  ownView,
  releaseBody,
  reservationAnswer,
  reservationStatus,
  reservationView,
  reserveBody,
  returnBody,
  stockView,
} from "../contracts/reservation.ts";
import type { adjustSku, createSku, patchSku, policyView, publicSku, trustedSku } from "../contracts/sku.ts";
import type { entryView, joinBody } from "../contracts/waitlist.ts";
import type {
  createWebhook,
  deliveryView,
  newWebhookView,
  rotatedView,
  webhookStateView,
  webhookView,
} from "../contracts/webhook.ts";
import type { CartLine } from "./refusal.ts";

// The wire format, as types only: the schemas stay with the service, which parses what it sends and gets.

export type Policy = z.infer<typeof policyView>;
export type PublicSku = z.infer<typeof publicSku>;
/** With every count, for storefronts and admins. */
export type TrustedSku = z.infer<typeof trustedSku>;
/** As the caller may see it: storefronts and admins get the counts. */
export type Sku = PublicSku & Partial<Pick<TrustedSku, "stock" | "held" | "sold">>;
export type NewSku = z.infer<typeof createSku>;
export type SkuPatch = z.infer<typeof patchSku>;
export type Adjustment = z.infer<typeof adjustSku>;
export type Own = z.infer<typeof ownView>;

export type Reservation = z.infer<typeof reservationView>;
export type ReservationStatus = z.infer<typeof reservationStatus>;
/** A reservation, and the stock after the change. */
export type ReservationAnswer = z.infer<typeof reservationAnswer>;
export type Stock = z.infer<typeof stockView>;
export type ReserveBody = z.infer<typeof reserveBody>;
export type ConfirmBody = z.infer<typeof confirmBody>;
export type ExtendBody = z.infer<typeof extendBody>;
export type ReleaseBody = z.infer<typeof releaseBody>;
export type ReturnBody = z.infer<typeof returnBody>;
export type BatchCommand = z.infer<typeof batchCommand>;
export type Cart = Omit<z.infer<typeof cartView>, "lines"> & { lines: CartLine[] };
export type OpenCartBody = z.infer<typeof openCartBody>;
export type ConfirmCartBody = Pick<ConfirmBody, "orderId">;

export type Drop = z.infer<typeof dropView>;
export type NewDrop = z.infer<typeof createDrop>;
export type DropPatch = z.infer<typeof patchDrop>;

export type WaitlistEntry = z.infer<typeof entryView>;
export type JoinBody = z.infer<typeof joinBody>;

export type HoldfastEvent = z.infer<typeof eventView>;
export type Movement = z.infer<typeof movementView>;
export type Analytics = z.infer<typeof analyticsView>;
export type AnalyticsQuery = Partial<z.infer<typeof analyticsQuery>>;

/** The answer of `/readyz`, also from a service that cannot sell. */
export type Readiness = z.infer<typeof readinessView>;

export type Webhook = z.infer<typeof webhookView>;
/** A webhook and its progress. */
export type WebhookState = z.infer<typeof webhookStateView>;
/** A webhook with its secret, which is shown only once. */
export type NewWebhook = z.infer<typeof newWebhookView>;
export type WebhookPlan = z.infer<typeof createWebhook>;
export type Delivery = z.infer<typeof deliveryView>;
export type RotatedSecret = z.infer<typeof rotatedView>;

export type ServerFrame = Frame;
export type StockFrame = z.infer<typeof stockFrame>;
export type SnapshotFrame = z.infer<typeof snapshotFrame>;
export type WaitlistFrame = z.infer<typeof waitlistFrame>;
export type ErrorFrame = z.infer<typeof errorFrame>;

/** A page of a list; the next page begins at `nextCursor`, null at the end. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
