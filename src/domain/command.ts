import type { Policy, Reservation, SaleState, SkuView, StockLevel } from "./model.ts";

/** On whose behalf a command comes. A shopper is confined to its own reservations. */
export type Actor = { role: "shopper"; customer: string } | { role: "storefront" } | { role: "admin" };

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
}
export interface ReleaseCommand {
  type: "release";
  id: string;
}
export interface ReturnCommand {
  type: "return";
  id: string;
  quantity?: number | undefined;
  restock: boolean;
}

/** A command that names a reservation that exists. */
export type ReservationCommand = ConfirmCommand | ExtendCommand | ReleaseCommand | ReturnCommand;

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
  | BatchCommand;

/** A command with what makes its repetition harmless: a key, and the content that the key stands for. */
export interface Request {
  actor: Actor;
  /** Unique per caller, route and key; null: an inner command of a batch that has no key of its own. */
  key: string | null;
  content: string;
  command: Command;
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
  | { code: "limit-exceeded"; limit: number; used: number; remaining: number; scope: "reservation" | "sku" | "drop" }
  | { code: "insufficient-stock"; available: number; state: SaleState; displayCap: number | null }
  | { code: "hold-expired"; refundRequired: boolean }
  | { code: "already-released"; refundRequired: boolean }
  | { code: "already-confirmed"; orderId: string | null; refundRequired: boolean }
  | { code: "not-confirmed" }
  | { code: "nothing-to-return"; returnable: number }
  | { code: "extension-limit"; extendableUntil: number }
  | { code: "idempotency-key-reused" }
  | { code: "overloaded" };

/** What became of a request. Plain data, so that it crosses RPC and can be kept as the answer to a key. */
export type Outcome =
  | { ok: true; type: "sku"; sku: SkuView; replayed?: true }
  | { ok: true; type: "reservation"; reservation: Reservation; stock: StockLevel; replayed?: true }
  | { ok: true; type: "batch"; outcomes: Outcome[]; commands: Command["type"][]; replayed?: true }
  | { ok: false; refusal: Refusal };
