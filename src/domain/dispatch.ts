import { advancePhase } from "./clock.ts";
import type { Actor, CreateCommand, Outcome, Refusal, Request, ReservationCommand } from "./command.ts";
import { refused } from "./command.ts";
import { isReservationCommand } from "./command-facts.ts";
import { confirm } from "./confirm.ts";
import { extend, release, returnUnits } from "./hold-changes.ts";
import { lend, returnLent } from "./lend.ts";
import { lapse, lock, refundLine, unlock } from "./line-lock.ts";
import { enroll, freeze } from "./membership.ts";
import type { Reservation } from "./model.ts";
import { refusedReserve, reserve } from "./reserve.ts";
import { settle } from "./settle.ts";
import { adjust, draftSku, update } from "./sku-admin.ts";
import { stockLevel } from "./stock.ts";
import { answerAgain, reservationOutcome, tryOutcome } from "./try.ts";
import { apply, type Ruling, skuOf, type UnitOfWork, viewSku } from "./unit-of-work.ts";
import { join, leave, serve } from "./waitlist.ts";

/**
 * Decides one request and applies it to the unit of work. Order of checks: the reservation exists and is the caller's; the key
 * is known; the rules allow it. Refusals write nothing, except a final `refundRequired`.
 */
export function dispatch(work: UnitOfWork, request: Request): Outcome {
  const { command, actor, key } = request;
  if (command.type !== "create" && work.sku === null) return refused({ code: "not-found" });
  const named = isReservationCommand(command) ? work.reservations.get(command.id) : undefined;
  if (isReservationCommand(command) && !(named && isVisible(actor, named))) return refused({ code: "not-found" });
  const known = key === null ? undefined : knownAnswer(work, request, key);
  if (known) return known;
  const eventsBefore = work.events.length;
  const decided = decide(work, request, named);
  const outcome = command.type === "batch" ? decided : afterServing(work, decided);
  // A request without effect needs no stored key: nothing can happen twice, and no event would carry the key.
  if (key !== null && outcome.ok && work.events.length > eventsBefore) {
    work.answers.set(key, { content: request.content, outcome });
    work.newKeys.add(key);
  }
  return outcome;
}

/** Offers the units that a command set free to the waitlist; the answer shows the stock after that. */
function afterServing(work: UnitOfWork, outcome: Outcome): Outcome {
  const eventsBefore = work.events.length;
  serve(work);
  if (!outcome.ok || work.events.length === eventsBefore) return outcome;
  if (outcome.type === "sku") return { ...outcome, sku: viewSku(work) };
  if (outcome.type === "entry") return { ...outcome, ...placeNow(work, outcome) };
  if (outcome.type !== "reservation") return outcome;
  return { ...outcome, stock: stockLevel(skuOf(work), work.now, work.overdueUnits) };
}

/** A joining customer may be served at once: then the answer shows the offer. */
function placeNow({ waitlist }: UnitOfWork, { entry: { id }, position }: Extract<Outcome, { type: "entry" }>) {
  const entry = waitlist.entries.get(id);
  if (entry === undefined) throw new Error("an answered waitlist entry is missing");
  return { entry, position: entry.status === "waiting" ? position : null };
}

/** The stored answer to a key. If it was a try that lapsed, there is none: the call is decided again. */
function knownAnswer(work: UnitOfWork, request: Request, key: string): Outcome | undefined {
  const known = work.answers.get(key);
  if (known === undefined) return undefined;
  const { content, outcome } = known;
  if (content !== request.content || !outcome.ok) return refused({ code: "idempotency-key-reused" });
  if (outcome.type === "batch") return { ...renewed(work, request, key, outcome), replayed: true };
  const again = outcome.type === "try" ? answerAgain(work, outcome) : outcome;
  return again?.ok ? { ...again, replayed: true } : undefined;
}

type BatchOutcome = Extract<Outcome, { type: "batch" }>;

/** The stored answer to a batch. Parts whose tries were cancelled are decided again, each in its place. */
function renewed(work: UnitOfWork, { command, content }: Request, key: string, known: BatchOutcome): BatchOutcome {
  const parts = command.type === "batch" ? command.requests : [];
  const outcomes = known.outcomes.map((part, index) => {
    const request = parts[index];
    if (!part.ok || part.type !== "try" || request === undefined) return part;
    return answerAgain(work, part) ?? dispatch(work, request);
  });
  if (outcomes.every((part, index) => part === known.outcomes[index])) return known;
  const outcome: BatchOutcome = { ...known, outcomes };
  work.answers.set(key, { content, outcome });
  work.newKeys.add(key);
  return outcome;
}

/** A shopper owns its reservations, a cart its lines. */
function isOwn(actor: Actor, { customer, cart }: Reservation): boolean {
  if (actor.role === "cart") return actor.cart === cart;
  return actor.role !== "shopper" || actor.customer === customer;
}

/**
 * Whether this caller may see a reservation. Only internal callers see tries, except those of late payments, whose reservations
 * existed before.
 */
export function isVisible(actor: Actor, reservation: Reservation): boolean {
  const { attempt } = reservation;
  const isInternal = actor.role === "cart" || actor.role === "service";
  return isOwn(actor, reservation) && (isInternal || attempt === null || attempt.purpose === "rescue");
}

function decide(work: UnitOfWork, request: Request, named: Reservation | undefined): Outcome {
  const { command, actor } = request;
  switch (command.type) {
    case "create":
      return create(work, command);
    case "update":
      return managed(work, update(work, command));
    case "adjust":
      return managed(work, adjust(work, command));
    case "reserve":
      if (command.isQuestion) return answered(refusedReserve(work, command, actor));
      return claimed(work, command.id, reserve(work, command, actor));
    case "settle":
      return settle(work, command);
    case "join":
      return join(work, command, actor);
    case "leave":
      return leave(work, command.entry, actor);
    case "freeze":
      return managed(work, freeze(work, command));
    case "enroll":
      return managed(work, enroll(work, command));
    case "batch":
      return {
        ok: true,
        type: "batch",
        outcomes: command.requests.map((part) => dispatch(work, part)),
        commands: command.requests.map((part) => part.command.type),
      };
    case "confirm":
    case "extend":
    case "release":
    case "return":
    case "lock":
    case "unlock":
    case "refund":
    case "lapse":
    case "lend":
    case "restore":
    case "supersede":
      if (!named) throw new Error("the reservation of this command was not gathered");
      return claimed(work, command.id, ruleOn(work, request, command, named));
  }
}

function ruleOn(work: UnitOfWork, request: Request, command: ReservationCommand, reservation: Reservation): Ruling {
  // A lent claim waits for the late payment that it is lent to.
  if (reservation.lentTo !== null && LENT_CANNOT.has(command.type)) {
    return { kind: "refused", refusal: { code: "overloaded" } };
  }
  const cart = request.actor.role === "cart" ? null : reservation.cart;
  if (cart !== null && isForTheCart(command, reservation)) {
    return { kind: "refused", refusal: { code: "part-of-cart", cart } };
  }
  switch (command.type) {
    case "confirm":
      return confirm(work, command, reservation);
    case "extend":
      return extend(work, command, reservation, request.actor);
    case "release":
      return release(command, reservation, request.actor, cart !== null);
    case "return":
      return returnUnits(command, reservation);
    case "lock":
      return lock(work, reservation);
    case "unlock":
      return unlock(work, reservation);
    case "refund":
      return refundLine(work, command, reservation);
    case "lapse":
      return lapse(work, reservation);
    case "lend":
      return lend(work, command, reservation);
    case "restore":
    case "supersede":
      return returnLent(work, command, reservation);
  }
}

const LENT_CANNOT: ReadonlySet<ReservationCommand["type"]> = new Set(["confirm", "extend", "release", "lock"]);

/** Commands that a cart runs for all of its lines together. A single line may be released, unless the cart is being confirmed. */
function isForTheCart({ type }: ReservationCommand, { lockedUntil, status }: Reservation): boolean {
  if (type === "lend" || type === "restore" || type === "supersede" || type === "lapse") return status === "held";
  return type === "confirm" || type === "extend" || (type === "release" && lockedUntil !== null);
}

/** The answer to a question: nothing changes either way. */
function answered(refusal: Refusal | null): Outcome {
  return refusal === null ? { ok: true, type: "done" } : refused(refusal);
}

function create(work: UnitOfWork, command: CreateCommand): Outcome {
  if (work.sku !== null) return refused({ code: "sku-exists" });
  const draft = draftSku(command, work.now);
  if ("code" in draft) return refused(draft);
  work.sku = draft;
  const detail = { name: draft.name, policy: draft.policy, revision: draft.revision };
  apply(work, { type: "sku.created", dStock: command.stock, detail });
  return { ok: true, type: "sku", sku: viewSku(work) };
}

/** Applies a ruling on the SKU and answers with the SKU. */
function managed(work: UnitOfWork, ruling: Ruling): Outcome {
  if (ruling.kind === "refused") return refused(ruling.refusal);
  if (ruling.kind === "changed") {
    apply(work, ruling.change);
    advancePhase(work);
  }
  return { ok: true, type: "sku", sku: viewSku(work) };
}

/** Applies a ruling on a reservation and answers with the reservation and the stock. */
function claimed(work: UnitOfWork, id: string, ruling: Ruling): Outcome {
  if (ruling.kind !== "unchanged" && ruling.change) apply(work, ruling.change);
  if (ruling.kind === "refused") return refused(ruling.refusal);
  const reservation = work.reservations.get(id);
  if (!reservation) throw new Error("the reservation is missing after its ruling");
  return reservation.attempt === null ? reservationOutcome(work, reservation) : tryOutcome(work, reservation);
}
