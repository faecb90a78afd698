import type { EnrollCommand, FreezeCommand } from "./drop-command.ts";
import type {
  LapseCommand,
  LendCommand,
  LockCommand,
  RefundCommand,
  ReturnLentCommand,
  UnlockCommand,
} from "./line-command.ts";
import type { Lender, Policy, Reservation, SaleState, SkuView, StockLevel, WaitlistEntry } from "./model.ts";

/** Who sends a command. A shopper may act on its own reservations, a cart on its lines; `service` settles what other objects have granted. */
export type Actor =
  | { role: "shopper"; customer: string }
  | { role: "storefront" }
  | { role: "admin" }
  | { role: "cart"; cart: string }
  | { role: "service" };

export interface CreateCommand {
  type: "create";
  sku: string;
  name: string;
  stock: number;
  policy: Partial<Policy>;
}
export interface UpdateCommand {
  type: "update";
  name?: string | undefined;
  policy?: Partial<Policy> | undefined;
  /** The revisions that the editor has seen; the edit is refused if the current revision is another one. */
  ifRevisions?: readonly number[] | undefined;
}
export interface AdjustCommand {
  type: "adjust";
  delta: number;
  reason: string;
}
export interface ReserveCommand {
  type: "reserve";
  /** Id of the reservation to be made. */
  id: string;
  customer: string;
  quantity: number;
  ttlSeconds?: number | undefined;
  metadata: Record<string, string>;
  /** A line of this cart: a try that the cart commits or cancels. A repeated command with the same id finds its try. */
  cart?: string | undefined;
  /** Only asks whether the reserve would be refused: `done` if not. Nothing is tried. */
  isQuestion?: boolean | undefined;
  /** The drop's limit was asked ahead and has no room: the reserve is refused at that guard, and never tried. */
  overDropLimit?: Refusal | undefined;
}
export interface ConfirmCommand {
  type: "confirm";
  id: string;
  quantity?: number | undefined;
  orderId?: string | undefined;
}
export interface ExtendCommand {
  type: "extend";
  id: string;
  ttlSeconds?: number | undefined;
  /** A cart's line gets the duration of its cart, counted from now by this object's clock. */
  lastsMs?: number | undefined;
}
export interface ReleaseCommand {
  type: "release";
  id: string;
  /** Why the release does not count against the customer: the payment failed, a cart could not be held, or an admin ended it. */
  reason?: "payment" | "undone" | undefined;
}
export interface ReturnCommand {
  type: "return";
  id: string;
  quantity?: number | undefined;
  restock: boolean;
}

/** Commits or cancels a try. Repeated it changes nothing. */
export interface SettleCommand {
  type: "settle";
  id: string;
  /** Version of the try that was asked about: a late grant does not apply to another try of the same reservation. */
  version?: number | undefined;
  granted: boolean;
  /** Why it was not granted. */
  refusal?: Refusal | undefined;
  /** A cart's line lasts as long as its cart, counted from now by this object's clock. */
  lastsMs?: number | undefined;
  /** For a late payment: claims outside this SKU that were lent to it. */
  lenders?: readonly Lender[] | undefined;
  /** The command that made the try, and where its answer is stored: under a key, possibly as part of a batch. */
  of: "reserve" | "confirm";
  answer?: { key: string; part: number | null } | undefined;
}

/** A command on a reservation that has to exist. */
export type ReservationCommand =
  | ConfirmCommand
  | ExtendCommand
  | ReleaseCommand
  | ReturnCommand
  | LockCommand
  | UnlockCommand
  | RefundCommand
  | LapseCommand
  | LendCommand
  | ReturnLentCommand;

export interface JoinCommand {
  type: "join";
  /** Ids of the entry to be made, and of its offer if units are free at once. */
  entry: string;
  offer: string;
  customer: string;
  quantity: number;
}
export interface LeaveCommand {
  type: "leave";
  entry: string;
}

/** Several requests in one, decided in order; each succeeds or fails by itself. */
export interface BatchCommand {
  type: "batch";
  requests: Request[];
}

export type Command =
  | CreateCommand
  | UpdateCommand
  | AdjustCommand
  | ReserveCommand
  | ReservationCommand
  | SettleCommand
  | JoinCommand
  | LeaveCommand
  | FreezeCommand
  | EnrollCommand
  | BatchCommand;

/** Reservations and waitlist entries that have ended and were removed from their object. */
export interface Recalled {
  reservations: readonly Reservation[];
  entries: readonly WaitlistEntry[];
}

/** A command with its idempotency key, and the content that the key stands for. */
export interface Request {
  actor: Actor;
  /** Unique per caller, route and key; null for a command that needs none, or that its batch's key stands for. */
  key: string | null;
  content: string;
  command: Command;
  /** What was removed from its object and read back from D1 for this request. */
  recalled?: Recalled;
}

/** A request that the service makes of itself: it needs no key, because repeating it changes nothing. */
export function internalRequest(command: Command, actor: Actor = { role: "service" }): Request {
  return { actor, key: null, content: "", command };
}

/** Why a command was refused. The members are those of the problem document. */
export type Refusal =
  | { code: "not-found" }
  | { code: "invalid-request"; detail: string }
  | { code: "sku-exists" }
  | { code: "version-mismatch"; revision: number }
  | { code: "stock-in-use"; available: number }
  | { code: "paused" }
  | { code: "not-open"; opensAt: number; retryAfterSeconds: number }
  | { code: "closed" }
  | {
      code: "limit-exceeded";
      limit: number;
      used: number;
      remaining: number;
      scope: "reservation" | "sku" | "drop" | "rehold" | "abandoned";
      /** With `rehold` and `abandoned`: seconds until the customer may try again. */
      retryAfterSeconds?: number;
    }
  | {
      code: "insufficient-stock";
      available: number;
      state: SaleState;
      displayCap: number | null;
      /** Refused only because of tries: those will be sold or free in a moment. */
      contended?: true;
    }
  | { code: "hold-expired"; refundRequired: boolean }
  | { code: "already-released"; refundRequired: boolean }
  | { code: "already-confirmed"; orderId: string | null; refundRequired: boolean }
  | { code: "not-confirmed" }
  | { code: "nothing-to-return"; returnable: number }
  | { code: "extension-limit"; extendableUntil: number }
  | { code: "part-of-cart"; cart: string }
  | { code: "stock-available"; available: number; displayCap: number | null }
  | { code: "already-waiting"; entry: string }
  | { code: "drop-in-use"; sku: string }
  | { code: "drop-exists" }
  | { code: "too-many-webhooks"; limit: number }
  | { code: "too-many-secrets"; limit: number; oldestValidUntil: number }
  | { code: "webhook-stopped" }
  | { code: "idempotency-key-reused" }
  /** It was not begun: nothing has happened. A SKU that sheds load says when to come again. */
  | { code: "overloaded"; retryAfterSeconds?: number }
  /** The facts cannot be read: nothing was done. With an `outcome` it was begun and may still take effect; the same key, or a read, tells. */
  | { code: "unavailable"; outcome?: "unknown" };

/** The answer when the outcome of a call is not known in time. */
export const UNKNOWN: Refusal = { code: "unavailable", outcome: "unknown" };

/** The part of a policy that bounds the duration of a hold. */
export type TtlTerms = Pick<Policy, "holdTtlSeconds" | "maxHoldSeconds">;

/** Bounds of a try's duration, and how long from now it may be extended. */
export interface TryTtl extends TtlTerms {
  extendableMs: number;
}

/** A limit over the SKUs of a drop, counted by `allowances` objects, each for a share of the customers. */
export interface DropLimit {
  drop: string;
  limit: number;
  allowances: number;
}

/** The result of a request. Plain data, so that it crosses RPC and can be stored as the answer to a key. */
export type Outcome =
  | { ok: true; type: "sku"; sku: SkuView; replayed?: true }
  | { ok: true; type: "reservation"; reservation: Reservation; stock: StockLevel; replayed?: true }
  /** Units are set aside for a moment. The SKU gets the drop's grant, if a limit is named, and settles it; a cart's line stays a try. */
  | {
      ok: true;
      type: "try";
      reservation: Reservation;
      stock: StockLevel;
      limit: DropLimit | null;
      /** Bounds of the duration of a cart's line. */
      ttl: TryTtl;
      replayed?: true;
    }
  | { ok: true; type: "entry"; entry: WaitlistEntry; position: number | null; replayed?: true }
  | { ok: true; type: "done"; replayed?: true }
  | { ok: true; type: "batch"; outcomes: Outcome[]; commands: Command["type"][]; replayed?: true }
  | Refused;

/** A refusal, by any object. */
export interface Refused {
  ok: false;
  refusal: Refusal;
}

/** A refusal as the outcome of a request. */
export function refused(refusal: Refusal): Refused {
  return { ok: false, refusal };
}

/** The outcome of the last request, or of the only one. Throws if there is none: that is a bug. */
export function lastOutcome(outcomes: readonly Outcome[]): Outcome {
  const outcome = outcomes.at(-1);
  if (outcome === undefined) throw new Error("a command has no outcome");
  return outcome;
}
