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

/**
 * On whose behalf a command comes. A shopper is confined to its own reservations, a cart to its lines; the service
 * itself settles what others have granted.
 */
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
  /** The revisions that the editor would overwrite; any other one refuses the edit. */
  ifRevisions?: readonly number[] | undefined;
}
export interface AdjustCommand {
  type: "adjust";
  delta: number;
  reason: string;
}
export interface ReserveCommand {
  type: "reserve";
  /** The id of the reservation to be made. */
  id: string;
  customer: string;
  quantity: number;
  ttlSeconds?: number | undefined;
  metadata: Record<string, string>;
  /** A line of this cart: a try, which the cart commits or cancels. Sent again with the same id it finds its try. */
  cart?: string | undefined;
  /** Only asks whether it would be refused: `done` when not, and nothing is tried. */
  isQuestion?: boolean | undefined;
  /** The drop's limit was asked ahead and has no room: judged as far as that, and never tried. */
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
  /** A cart's line gets what its cart has got: so long from now on, by whatever clock. */
  lastsMs?: number | undefined;
}
export interface ReleaseCommand {
  type: "release";
  id: string;
  /** Why it is not the customer who lets go: a payment that failed; a cart that could not be held, or that an admin ends. */
  reason?: "payment" | "undone" | undefined;
}
export interface ReturnCommand {
  type: "return";
  id: string;
  quantity?: number | undefined;
  restock: boolean;
}

/** Commits a try or cancels it. Repeated it changes nothing. */
export interface SettleCommand {
  type: "settle";
  id: string;
  /** Version of the try that was asked about: a yes that is late is none to another try for the same reservation. */
  version?: number | undefined;
  granted: boolean;
  /** Why it was not granted. */
  refusal?: Refusal | undefined;
  /** A cart's line lasts as long as its cart, from now on, by whatever clock. */
  lastsMs?: number | undefined;
  /** Of a late payment: claims outside this SKU that were lent to it. */
  lenders?: readonly Lender[] | undefined;
  /** The command that the try came from, and where its answer is kept: under a key, perhaps as part of a batch. */
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
  /** The id of the entry to be made, and that of its offer should there be units at once. */
  entry: string;
  offer: string;
  customer: string;
  quantity: number;
}
export interface LeaveCommand {
  type: "leave";
  entry: string;
}

/** Several requests in one, judged in order; each stands or falls by itself. */
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

const RESERVATION_COMMANDS: readonly Command["type"][] = [
  "confirm",
  "extend",
  "release",
  "return",
  "lock",
  "unlock",
  "refund",
  "lapse",
  "lend",
  "restore",
  "supersede",
];

/** Whether a command is about a reservation that has to exist. */
export function isReservationCommand(command: Command): command is ReservationCommand {
  return RESERVATION_COMMANDS.includes(command.type);
}

/** Reservations and places on the waitlist that have ended and left their object. */
export interface Recalled {
  reservations: readonly Reservation[];
  entries: readonly WaitlistEntry[];
}

/** A command with what makes its repetition harmless: a key, and the content that the key stands for. */
export interface Request {
  actor: Actor;
  /** Unique per caller, route and key; null: an inner command of a batch that has no key of its own. */
  key: string | null;
  content: string;
  command: Command;
  /** What has left its object, read back for this request. */
  recalled?: Recalled;
}

/** Why a command was refused. The members are those of the problem that the caller is shown. */
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
      /** Of `rehold` and `abandoned`: when others had their turn. */
      retryAfterSeconds?: number;
    }
  | {
      code: "insufficient-stock";
      available: number;
      state: SaleState;
      displayCap: number | null;
      /** Only tries stand in the way: in a moment they are sales or free again. */
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
  /** It was not begun: nothing has happened. */
  | { code: "overloaded" }
  /**
   * What it is about cannot be read: nothing was done. With an `outcome` it was begun, and may have its effect yet: the same
   * key, or a read, tells.
   */
  | { code: "unavailable"; outcome?: "unknown" };

/** What is said of a call whose end its caller cannot wait for. */
export const UNKNOWN: Refusal = { code: "unavailable", outcome: "unknown" };

/** What a policy says about the time of a hold. */
export type TtlTerms = Pick<Policy, "holdTtlSeconds" | "maxHoldSeconds">;

/** What bounds the time of a try, and how long from now on it may be extended. */
export interface TryTtl extends TtlTerms {
  extendableMs: number;
}

/** A limit over the SKUs of a drop, which its `allowances` objects count, each for some of the customers. */
export interface DropLimit {
  drop: string;
  limit: number;
  allowances: number;
}

/** What became of a request. Plain data, so that it crosses RPC and can be kept as the answer to a key. */
export type Outcome =
  | { ok: true; type: "sku"; sku: SkuView; replayed?: true }
  | { ok: true; type: "reservation"; reservation: Reservation; stock: StockLevel; replayed?: true }
  /** Units are set aside for a moment: the SKU gets the drop's grant, if one is named, and settles it. A cart's line stays a try. */
  | {
      ok: true;
      type: "try";
      reservation: Reservation;
      stock: StockLevel;
      limit: DropLimit | null;
      /** What bounds the time of a cart's line. */
      ttl: TryTtl;
      replayed?: true;
    }
  | { ok: true; type: "entry"; entry: WaitlistEntry; position: number | null; replayed?: true }
  | { ok: true; type: "done"; replayed?: true }
  | { ok: true; type: "batch"; outcomes: Outcome[]; commands: Command["type"][]; replayed?: true }
  | Refused;

/** A no, of whatever object. */
export interface Refused {
  ok: false;
  refusal: Refusal;
}

/** A refusal as what became of a request. */
export function refused(refusal: Refusal): Refused {
  return { ok: false, refusal };
}

/** What became of the last of some requests, or of the only one. Throws when there is nothing: that is a bug. */
export function lastOutcome(outcomes: readonly Outcome[]): Outcome {
  const outcome = outcomes.at(-1);
  if (outcome === undefined) throw new Error("a command was left without an outcome");
  return outcome;
}
