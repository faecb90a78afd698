import { z } from "zod";

interface ProblemKind {
  status: number;
  title: string;
  /** Shown on the page behind `type` and as the default `detail`: what happened, and what the caller can do. */
  meaning: string;
}

/** Every problem that a call can get, with its status and its page. Codes are part of the API; titles and meanings are for people. */
export const PROBLEMS = {
  "invalid-request": {
    status: 400,
    title: "Invalid request",
    meaning:
      "A member, parameter or header is missing, unknown or out of bounds; `detail` names it. Correct the call: the same call fails again.",
  },
  unauthenticated: {
    status: 401,
    title: "Authentication required",
    meaning: "The bearer token is missing or not valid; `detail` says what is wrong with it. Get a new token.",
  },
  forbidden: {
    status: 403,
    title: "Forbidden",
    meaning: "The token is valid, but its role may not make this call, or a shopper named another customer.",
  },
  "not-found": {
    status: 404,
    title: "Not found",
    meaning:
      "The SKU, reservation, cart, drop or waitlist entry does not exist, or it belongs to another customer. The two cases look the same on purpose.",
  },
  "method-not-allowed": {
    status: 405,
    title: "Method not allowed",
    meaning: "The `Allow` header lists the methods of this path.",
  },
  "insufficient-stock": {
    status: 409,
    title: "Not enough stock",
    meaning:
      "`available` says how many units are left. With `state` held_elsewhere the missing units are in other customers' holds and may come back; with sold_out they are sold.",
  },
  "limit-exceeded": {
    status: 409,
    title: "Limit exceeded",
    meaning:
      "`scope` names the limit: `reservation` (one reservation), `sku` (this SKU) or `drop`. `limit` and `used` are its figures, `remaining` is what the customer may still take. Held units count like sold ones. With `scope` rehold or abandoned other customers go first, because this customer gave back units that others were refused, or gave back too much within an hour; `limit` is then the policy's number and `used` the count. Try again after `retryAfterSeconds`, which `Retry-After` repeats, or join the waitlist.",
  },
  "not-open": {
    status: 409,
    title: "The sale is not open yet",
    meaning: "It opens at `opensAt`; `Retry-After` gives the seconds until then.",
  },
  closed: {
    status: 409,
    title: "The sale is closed",
    meaning: "No new reservations are accepted. Existing holds can still be confirmed.",
  },
  paused: {
    status: 409,
    title: "The sale is paused",
    meaning: "An operator paused the sale. Existing holds can still be confirmed.",
  },
  "hold-expired": {
    status: 409,
    title: "The hold has expired",
    meaning:
      "Its units went back on sale. If a confirmation gets this with `refundRequired` true, the payment cannot be honored, and that is final for its `orderId`: refund it.",
  },
  "already-released": {
    status: 409,
    title: "The reservation was released",
    meaning:
      "Its units went back on sale. With `refundRequired` true a payment arrived for it nevertheless: refund it.",
  },
  "already-confirmed": {
    status: 409,
    title: "The reservation is already confirmed",
    meaning:
      "It was confirmed for `orderId`, with content other than this call's. With `refundRequired` true a second order was paid for the same units: refund that order.",
  },
  "not-confirmed": {
    status: 409,
    title: "The reservation is not confirmed",
    meaning: "Only sold units can be returned. Use release for a hold.",
  },
  "nothing-to-return": {
    status: 409,
    title: "Not that many units to return",
    meaning: "`returnable` units of this reservation are sold and not returned yet.",
  },
  "extension-limit": {
    status: 409,
    title: "The hold cannot be extended",
    meaning:
      "An extension would not make it last longer: it already has its full time, or it reaches `extendableUntil`.",
  },
  "part-of-cart": {
    status: 409,
    title: "The reservation belongs to a cart",
    meaning:
      "A cart is confirmed and extended as a whole: make the call on `cart`. A single line may be released, but not while its cart is being confirmed.",
  },
  "cart-not-held": {
    status: 409,
    title: "Not every line could be held",
    meaning:
      "A cart holds all of its lines or none. `lines` says what became of each one, with the `problem` of those that failed. Nothing is held. Change the cart, or use `mode` best_effort.",
  },
  "stock-available": {
    status: 409,
    title: "Units are available",
    meaning: "There is no need to wait: the quantity can be reserved now.",
  },
  "already-waiting": {
    status: 409,
    title: "The customer is already on the waitlist",
    meaning: "There is one entry per customer and SKU: `entry`. To change the quantity, leave and join again.",
  },
  "drop-exists": {
    status: 409,
    title: "The drop already exists",
    meaning: "Choose another name, or change the existing drop.",
  },
  "drop-in-use": {
    status: 409,
    title: "Units of this drop are in use",
    meaning:
      "A SKU can join or leave a drop, and a limit can be switched on or off, only while none of its units is held or sold. A SKU is in at most one drop. `sku` names the SKU that prevents the change.",
  },
  "stock-in-use": {
    status: 409,
    title: "Units are held or sold",
    meaning: "Stock cannot shrink below the units that are held or sold. At most `available` can be taken out now.",
  },
  "sku-exists": {
    status: 409,
    title: "The SKU already exists",
    meaning: "Choose another name, or change the existing SKU.",
  },
  "too-many-webhooks": {
    status: 409,
    title: "Too many webhooks",
    meaning: "There may be at most `limit` webhooks. Delete one that is no longer needed.",
  },
  "too-many-secrets": {
    status: 409,
    title: "Too many secrets are still valid",
    meaning:
      "A replaced secret keeps signing for a day, and at most `limit` secrets may sign at once. Rotate again after `oldestValidUntil`, when the oldest one ends.",
  },
  "webhook-stopped": {
    status: 409,
    title: "The webhook is stopped",
    meaning:
      "Its endpoint answered 410 or could not be reached for days. When it is back, redeliver everything since a time of your choice: that also starts the webhook again.",
  },
  gone: {
    status: 410,
    title: "No longer kept",
    meaning:
      "The events right after `after` were removed, because D1 keeps events for a limited time. `oldest` is the number of the first one that there is: continue with `after` one less. What was before cannot be read any more.",
  },
  "version-mismatch": {
    status: 412,
    title: "Changed by someone else",
    meaning:
      "`If-Match` does not name the current `revision`. Read the resource again, repeat the edit on its current content, and send the new tag.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    meaning: "A body may have at most 64 KiB. Split the batch.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body is not JSON",
    meaning: "Send `Content-Type: application/json` in UTF-8. Any other `charset` is refused.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "The idempotency key was already used",
    meaning: "The same `Idempotency-Key` was sent before with other content. A new request needs a new key.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    meaning: "Wait for as many seconds as `Retry-After` says. Nothing was reserved.",
  },
  overloaded: {
    status: 503,
    title: "Too busy",
    meaning:
      "The service sheds load, or could not begin in time. Nothing has happened, and this says nothing about stock. Try again after `Retry-After` seconds.",
  },
  unavailable: {
    status: 503,
    title: "Temporarily unavailable",
    meaning:
      "A part of the service failed, or took longer than a caller can wait. This says nothing about stock. With `outcome` unknown the call may have taken effect, or may still do so: repeat it with the same `Idempotency-Key`, or read, to find out.",
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** RFC 9457. Further members depend on `code`. */
export const problemView = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(PROBLEM_CODES as [ProblemCode, ...ProblemCode[]]),
    outcome: z
      .literal("unknown")
      .optional()
      .describe(
        "With `unavailable`: it is not known whether the call took effect. Repeat it with the same key, or read, to find out.",
      ),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemView>;
