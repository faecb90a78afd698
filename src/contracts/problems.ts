import { z } from "zod";

interface ProblemKind {
  status: number;
  title: string;
  /** For the page behind `type`: what happened, and what a caller does about it. */
  meaning: string;
}

/** Every way in which a call can fail, each with its status and its page. */
export const PROBLEMS = {
  "invalid-request": {
    status: 400,
    title: "The request is not valid",
    meaning:
      "A member, parameter or header is missing, unknown or out of bounds; `detail` names it. Mend the call: the same one will fail again.",
  },
  unauthenticated: {
    status: 401,
    title: "A valid token is needed",
    meaning: "There is no bearer token, or it is not valid; `detail` says what is wrong with it. Get a new token.",
  },
  forbidden: {
    status: 403,
    title: "This token may not do that",
    meaning: "The token is valid, but its role may not make this call, or a shopper named another customer.",
  },
  "not-found": {
    status: 404,
    title: "There is no such thing",
    meaning:
      "The SKU, reservation, cart, drop or entry does not exist, or it belongs to somebody else: the two look the same on purpose.",
  },
  "method-not-allowed": {
    status: 405,
    title: "This path does not know that method",
    meaning: "The `Allow` header lists the methods that it knows.",
  },
  "insufficient-stock": {
    status: 409,
    title: "Not enough units are left",
    meaning:
      "`available` says how many are left. With `state` held_elsewhere the missing ones sit in other customers' holds and may come back; with sold_out they will not.",
  },
  "limit-exceeded": {
    status: 409,
    title: "That is more than one customer may have",
    meaning:
      "`scope` says whose limit it is (one reservation, this SKU, the drop), `limit` and `used` its figures, `remaining` what the customer may still take. Units held count like units bought. With `scope` rehold or abandoned others go first, because the customer let go of units that they were refused, or let go of too much within an hour (`limit` is the policy's number, `used` what counts): come again after `retryAfterSeconds`, which `Retry-After` says too, or join the waitlist meanwhile.",
  },
  "not-open": {
    status: 409,
    title: "The sale has not opened yet",
    meaning: "It opens at `opensAt`; `Retry-After` says in how many seconds.",
  },
  closed: {
    status: 409,
    title: "The sale is closed",
    meaning: "Nothing new is sold. Holds made in time can still be confirmed.",
  },
  paused: {
    status: 409,
    title: "The sale is paused",
    meaning: "An operator has stopped it for now. Holds can still be confirmed.",
  },
  "hold-expired": {
    status: 409,
    title: "The hold has expired",
    meaning:
      "Its units went back on sale. When a confirmation met this and `refundRequired` is true, the payment cannot be honored, and that is final for its `orderId`: give the money back.",
  },
  "already-released": {
    status: 409,
    title: "The reservation was released",
    meaning:
      "Its units went back on sale. With `refundRequired` a payment came for it nevertheless: give the money back.",
  },
  "already-confirmed": {
    status: 409,
    title: "The reservation is confirmed already",
    meaning:
      "It was confirmed for `orderId`, with other content than this call's. With `refundRequired` a second order was paid for the same units: give that money back.",
  },
  "not-confirmed": {
    status: 409,
    title: "The reservation is not confirmed",
    meaning: "Only what was sold can be returned. A hold is given back with release.",
  },
  "nothing-to-return": {
    status: 409,
    title: "More than can be returned",
    meaning: "`returnable` units of this reservation are sold and not returned yet.",
  },
  "extension-limit": {
    status: 409,
    title: "The hold cannot be extended",
    meaning: "It would not last any longer: it has its full time already, or reaches `extendableUntil`.",
  },
  "part-of-cart": {
    status: 409,
    title: "The reservation is a line of a cart",
    meaning:
      "A cart is confirmed and extended as a whole: make the call on `cart`. A line may be released by itself, but not while its cart is being confirmed.",
  },
  "cart-not-held": {
    status: 409,
    title: "Not every line could be held",
    meaning:
      "All lines or none: `lines` says of each what became of it, with the `problem` of those that failed. Nothing is held; change the cart, or ask for `mode` best_effort.",
  },
  "stock-available": {
    status: 409,
    title: "There is no need to wait",
    meaning: "The quantity can be reserved right now.",
  },
  "already-waiting": {
    status: 409,
    title: "The customer is on the waitlist already",
    meaning: "There is one entry per customer and SKU: it is `entry`. To change the quantity, leave and join again.",
  },
  "drop-exists": {
    status: 409,
    title: "The drop exists already",
    meaning: "Choose another name, or change the one there is.",
  },
  "drop-in-use": {
    status: 409,
    title: "Units of this drop are in use",
    meaning:
      "A SKU joins or leaves a drop, and a limit is switched on or off, only while no unit of it is held or sold; and a SKU is in at most one drop. `sku` names the one that stands in the way.",
  },
  "stock-in-use": {
    status: 409,
    title: "These units are held or sold",
    meaning: "Stock cannot shrink below the units in use. At most `available` can be taken out now.",
  },
  "sku-exists": {
    status: 409,
    title: "The SKU exists already",
    meaning: "Choose another name, or change the one there is.",
  },
  "too-many-webhooks": {
    status: 409,
    title: "There are enough webhooks",
    meaning: "There may be `limit` of them. Delete one that is not needed any more.",
  },
  "too-many-secrets": {
    status: 409,
    title: "Too many secrets are still valid",
    meaning:
      "Every secret that was replaced signs for a day, and `limit` may sign at once. Rotate again after `oldestValidUntil`, when the oldest one ends.",
  },
  "webhook-stopped": {
    status: 409,
    title: "The webhook is stopped",
    meaning:
      "Its endpoint said that it is gone, or could not be reached for days. Once it is back, have everything sent again from a time on: that starts the webhook too.",
  },
  "version-mismatch": {
    status: 412,
    title: "Somebody else changed it first",
    meaning:
      "`If-Match` does not name the current `revision`. Read it again, redo the edit on what it says now, and send it with the new tag.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    meaning: "A body may have at most 64 KiB. Split the batch.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body is not JSON",
    meaning: "Send `Content-Type: application/json`, in UTF-8; a `charset` that says otherwise is refused.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "This key stands for another request",
    meaning: "The same `Idempotency-Key` came with other content before. A new request needs a new key.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many calls",
    meaning: "Wait as many seconds as `Retry-After` says. Nothing was reserved.",
  },
  overloaded: {
    status: 503,
    title: "Too busy at this moment",
    meaning:
      "The service sheds load, or could not begin in time. Nothing has happened, and it says nothing about stock. Try again after `Retry-After` seconds.",
  },
  unavailable: {
    status: 503,
    title: "Out of order at this moment",
    meaning:
      "Something behind the service failed, or takes longer than a caller can wait. It says nothing about stock. With `outcome` unknown the call may have taken effect, or still do so: the same call with the same `Idempotency-Key`, or a read, tells.",
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
      .describe("With `unavailable`: nobody knows what became of the call. The same key, or a read, tells."),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemView>;
