import { advancePhase } from "./clock.ts";
import type { Actor, Command, CreateCommand, Outcome, Refusal, Request, ReservationCommand } from "./command.ts";
import { confirm } from "./confirm.ts";
import { extend, release, returnUnits } from "./hold.ts";
import { apply, type Ledger, type Ruling, skuOf, viewSku } from "./ledger.ts";
import { adjust, draftSku, update } from "./manage.ts";
import type { Reservation } from "./model.ts";
import { reserve } from "./reserve.ts";
import { stockLevel } from "./stock.ts";

/**
 * Judges one request against the ledger and carries it out. In this order: does the reservation exist and belong to the
 * caller; is the key known; may it be. Refusals leave no trace, but for the final `refundRequired`.
 */
export function judge(ledger: Ledger, request: Request): Outcome {
  const { command, actor, key } = request;
  if (command.type !== "create" && ledger.sku === null) return refused({ code: "not-found" });
  const named = "id" in command && command.type !== "reserve" ? ledger.reservations.get(command.id) : undefined;
  if (isReservationCommand(command) && !(named && isOwn(actor, named))) return refused({ code: "not-found" });
  const known = key === null ? undefined : ledger.answers.get(key);
  if (known) {
    if (known.content !== request.content || !known.outcome.ok) return refused({ code: "idempotency-key-reused" });
    return { ...known.outcome, replayed: true };
  }
  const eventsBefore = ledger.events.length;
  const outcome = decide(ledger, request, named);
  // What changed nothing needs no key: no event would carry it on, and nothing can double.
  if (key !== null && outcome.ok && ledger.events.length > eventsBefore) {
    ledger.answers.set(key, { content: request.content, outcome });
    ledger.newKeys.add(key);
  }
  return outcome;
}

/** Whether a reservation exists as far as this caller is concerned: a shopper knows only its own. */
export function isOwn(actor: Actor, reservation: Reservation): boolean {
  return actor.role !== "shopper" || actor.customer === reservation.customer;
}

function refused(refusal: Refusal): Outcome {
  return { ok: false, refusal };
}

function isReservationCommand(command: Command): command is ReservationCommand {
  return ["confirm", "extend", "release", "return"].includes(command.type);
}

function decide(ledger: Ledger, request: Request, named: Reservation | undefined): Outcome {
  const { command, actor } = request;
  switch (command.type) {
    case "create":
      return create(ledger, command);
    case "update":
      return managed(ledger, update(ledger, command));
    case "adjust":
      return managed(ledger, adjust(ledger, command));
    case "reserve":
      return claimed(ledger, command.id, reserve(ledger, command, actor));
    case "batch":
      return {
        ok: true,
        type: "batch",
        outcomes: command.requests.map((part) => judge(ledger, part)),
        commands: command.requests.map((part) => part.command.type),
      };
    default:
      if (!named) throw new Error("a command on a reservation was judged without it");
      return claimed(ledger, command.id, ruleOn(ledger, request, command, named));
  }
}

function ruleOn(ledger: Ledger, request: Request, command: ReservationCommand, reservation: Reservation): Ruling {
  switch (command.type) {
    case "confirm":
      return confirm(ledger, command, reservation);
    case "extend":
      return extend(ledger, command, reservation, request.actor);
    case "release":
      return release(reservation);
    case "return":
      return returnUnits(command, reservation);
  }
}

function create(ledger: Ledger, command: CreateCommand): Outcome {
  if (ledger.sku !== null) return refused({ code: "sku-exists" });
  const draft = draftSku(command, ledger.now);
  if ("code" in draft) return refused(draft);
  ledger.sku = draft;
  const detail = { name: draft.name, policy: draft.policy, revision: draft.revision };
  apply(ledger, { type: "sku.created", dStock: command.stock, detail });
  return { ok: true, type: "sku", sku: viewSku(ledger) };
}

/** Carries out a ruling on the SKU itself and answers with the SKU. */
function managed(ledger: Ledger, ruling: Ruling): Outcome {
  if (ruling.kind === "refused") return refused(ruling.refusal);
  if (ruling.kind === "changed") {
    apply(ledger, ruling.change);
    advancePhase(ledger);
  }
  return { ok: true, type: "sku", sku: viewSku(ledger) };
}

/** Carries out a ruling on a reservation and answers with the reservation and the stock around it. */
function claimed(ledger: Ledger, id: string, ruling: Ruling): Outcome {
  if (ruling.kind !== "unchanged" && ruling.change) apply(ledger, ruling.change);
  if (ruling.kind === "refused") return refused(ruling.refusal);
  const reservation = ledger.reservations.get(id);
  if (!reservation) throw new Error("a ruling on a reservation left none");
  return {
    ok: true,
    type: "reservation",
    reservation,
    stock: stockLevel(skuOf(ledger), ledger.now, ledger.overdueUnits),
  };
}
