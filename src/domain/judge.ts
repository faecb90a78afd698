import { advancePhase } from "./clock.ts";
import type { Actor, CreateCommand, Outcome, Refusal, Request, ReservationCommand } from "./command.ts";
import { isReservationCommand, refused } from "./command.ts";
import { confirm } from "./confirm.ts";
import { extend, release, returnUnits } from "./hold.ts";
import { apply, type Ledger, type Ruling, skuOf, viewSku } from "./ledger.ts";
import { lend, returnLent } from "./lend.ts";
import { lapse, lock, refundLine, unlock } from "./line.ts";
import { adjust, draftSku, update } from "./manage.ts";
import { enroll, freeze } from "./membership.ts";
import type { Reservation } from "./model.ts";
import { refusedReserve, reserve } from "./reserve.ts";
import { settle } from "./settle.ts";
import { stockLevel } from "./stock.ts";
import { answerAgain, reservationOutcome, tryOutcome } from "./try.ts";
import { join, leave, serve } from "./waitlist.ts";

/**
 * Judges one request against the ledger and carries it out. In this order: does the reservation exist and belong to the
 * caller; is the key known; may it be. Refusals leave no trace, but for the final `refundRequired`.
 */
export function judge(ledger: Ledger, request: Request): Outcome {
  const { command, actor, key } = request;
  if (command.type !== "create" && ledger.sku === null) return refused({ code: "not-found" });
  const named = isReservationCommand(command) ? ledger.reservations.get(command.id) : undefined;
  if (isReservationCommand(command) && !(named && isVisible(actor, named))) return refused({ code: "not-found" });
  const known = key === null ? undefined : knownAnswer(ledger, request, key);
  if (known) return known;
  const eventsBefore = ledger.events.length;
  const decided = decide(ledger, request, named);
  const outcome = command.type === "batch" ? decided : afterServing(ledger, decided);
  // What changed nothing needs no key: no event would carry it on, and nothing can double.
  if (key !== null && outcome.ok && ledger.events.length > eventsBefore) {
    ledger.answers.set(key, { content: request.content, outcome });
    ledger.newKeys.add(key);
  }
  return outcome;
}

/** Whatever a command set free goes to those who wait, and the answer tells of the stock that is left. */
function afterServing(ledger: Ledger, outcome: Outcome): Outcome {
  const eventsBefore = ledger.events.length;
  serve(ledger);
  if (!outcome.ok || ledger.events.length === eventsBefore) return outcome;
  if (outcome.type === "sku") return { ...outcome, sku: viewSku(ledger) };
  if (outcome.type === "entry") return { ...outcome, ...placeNow(ledger, outcome) };
  if (outcome.type !== "reservation") return outcome;
  return { ...outcome, stock: stockLevel(skuOf(ledger), ledger.now, ledger.overdueUnits) };
}

/** Who joins may be served at once: then the answer tells of the offer. */
function placeNow({ waitlist }: Ledger, { entry: { id }, position }: Extract<Outcome, { type: "entry" }>) {
  const entry = waitlist.entries.get(id);
  if (entry === undefined) throw new Error("an entry was answered that there is not");
  return { entry, position: entry.status === "waiting" ? position : null };
}

/** The first answer to a key again. A try that has lapsed was none: the call is judged afresh. */
function knownAnswer(ledger: Ledger, request: Request, key: string): Outcome | undefined {
  const known = ledger.answers.get(key);
  if (known === undefined) return undefined;
  const { content, outcome } = known;
  if (content !== request.content || !outcome.ok) return refused({ code: "idempotency-key-reused" });
  if (outcome.type === "batch") return { ...renewed(ledger, request, key, outcome), replayed: true };
  const again = outcome.type === "try" ? answerAgain(ledger, outcome) : outcome;
  return again?.ok ? { ...again, replayed: true } : undefined;
}

type BatchOutcome = Extract<Outcome, { type: "batch" }>;

/** The answer to a batch, in which parts whose tries came to nothing are judged afresh, each in its place. */
function renewed(ledger: Ledger, { command, content }: Request, key: string, known: BatchOutcome): BatchOutcome {
  const parts = command.type === "batch" ? command.requests : [];
  const outcomes = known.outcomes.map((part, index) => {
    const request = parts[index];
    if (!part.ok || part.type !== "try" || request === undefined) return part;
    return answerAgain(ledger, part) ?? judge(ledger, request);
  });
  if (outcomes.every((part, index) => part === known.outcomes[index])) return known;
  const outcome: BatchOutcome = { ...known, outcomes };
  ledger.answers.set(key, { content, outcome });
  ledger.newKeys.add(key);
  return outcome;
}

/** A shopper knows only its own, a cart its lines. */
function isOwn(actor: Actor, { customer, cart }: Reservation): boolean {
  if (actor.role === "cart") return actor.cart === cart;
  return actor.role !== "shopper" || actor.customer === customer;
}

/**
 * Whether a reservation exists as far as this caller is concerned. Tries are known to those who made them only, but for a
 * late payment, whose reservation was there before.
 */
export function isVisible(actor: Actor, reservation: Reservation): boolean {
  const { attempt } = reservation;
  const isInternal = actor.role === "cart" || actor.role === "service";
  return isOwn(actor, reservation) && (isInternal || attempt === null || attempt.purpose === "rescue");
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
      if (command.isQuestion) return answered(refusedReserve(ledger, command));
      return claimed(ledger, command.id, reserve(ledger, command, actor));
    case "settle":
      return settle(ledger, command);
    case "join":
      return join(ledger, command, actor);
    case "leave":
      return leave(ledger, command.entry, actor);
    case "freeze":
      return managed(ledger, freeze(ledger, command));
    case "enroll":
      return managed(ledger, enroll(ledger, command));
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
  // What is lent waits for the late payment that it was lent to.
  if (reservation.lentTo !== null && LENT_CANNOT.has(command.type)) {
    return { kind: "refused", refusal: { code: "overloaded" } };
  }
  const cart = request.actor.role === "cart" ? null : reservation.cart;
  if (cart !== null && isForTheCart(command, reservation)) {
    return { kind: "refused", refusal: { code: "part-of-cart", cart } };
  }
  switch (command.type) {
    case "confirm":
      return confirm(ledger, command, reservation);
    case "extend":
      return extend(ledger, command, reservation, request.actor);
    case "release":
      return release(command, reservation, request.actor, cart !== null);
    case "return":
      return returnUnits(command, reservation);
    case "lock":
      return lock(ledger, reservation);
    case "unlock":
      return unlock(ledger, reservation);
    case "refund":
      return refundLine(ledger, command, reservation);
    case "lapse":
      return lapse(ledger, reservation);
    case "lend":
      return lend(ledger, command, reservation);
    case "restore":
    case "supersede":
      return returnLent(ledger, command, reservation);
  }
}

const LENT_CANNOT: ReadonlySet<ReservationCommand["type"]> = new Set(["confirm", "extend", "release", "lock"]);

/** What a cart does with all of its lines together. One line may be given back, unless they are just being paid for. */
function isForTheCart({ type }: ReservationCommand, { lockedUntil, status }: Reservation): boolean {
  if (type === "lend" || type === "restore" || type === "supersede" || type === "lapse") return status === "held";
  return type === "confirm" || type === "extend" || (type === "release" && lockedUntil !== null);
}

/** The answer to a question: nothing happens either way. */
function answered(refusal: Refusal | null): Outcome {
  return refusal === null ? { ok: true, type: "done" } : refused(refusal);
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
  return reservation.attempt === null ? reservationOutcome(ledger, reservation) : tryOutcome(ledger, reservation);
}
