import { claimAll, claimOf, countsOf, type Known, knownOf, reportAll } from "../../src/domain/allowance.ts";
import type { Asked, Cart } from "../../src/domain/cart.ts";
import { askLoan, endLoan, fateOfLoan, isLentTo, type LoanEnd, loanAnswer } from "../../src/domain/cart-loan.ts";
import type { CartMessage } from "../../src/domain/cart-messages.ts";
import type { Outcome } from "../../src/domain/command.ts";
import { fateOfRescue } from "../../src/domain/lend.ts";
import { closingOf, answerTo as outcomeTo, type Tried } from "../../src/domain/limit-claims.ts";
import type { Lender, Rescue } from "../../src/domain/model.ts";
import {
  lendersOf,
  lentBy,
  openRescue,
  type RescueAnswer,
  type RescueCase,
  type RescueMessage,
  receiveRescue,
  rescueMessages,
} from "../../src/domain/rescue-steps.ts";
import type { MemoryObject } from "./memory-object.ts";
import { only, request } from "./sale.ts";

/** What the network does to a message. `late`: it arrives when `deliverLate` is called, and its answer is lost. `dies`: so does the SKU that said it. */
export type Fate = "fine" | "lost" | "answer lost" | "twice" | "late" | "dies";

/** What loans need of the world of carts and SKUs that they happen in. */
interface LoanWorld {
  now: number;
  steps: number;
  readonly known: Known;
  readonly late: (() => void)[];
  claimFate(step: number): Fate;
  object(sku: string): MemoryObject;
  cart(id: string): Cart;
  keep(cart: Cart): Cart;
  ask(id: string, asking: (cart: Cart) => Asked): Asked;
  messages(id: string): CartMessage[];
  say(id: string, message: CartMessage, fate?: Fate): void;
  drive(id: string): void;
}

/** A late payment asks those who have to lend and the one who counts, and is settled; null when its SKU dies on the way. */
export function decideRescue(world: LoanWorld, sku: MemoryObject, pending: Tried): Outcome | null {
  let rescue = openRescue(pending.reservation, pending.limit);
  for (let messages = rescueMessages(rescue); messages.length > 0; messages = rescueMessages(rescue)) {
    for (const message of messages) {
      const fate = world.claimFate(world.steps);
      world.steps += 1;
      const ask = () => answerRescue(world, rescue, message);
      if (fate === "dies") return null;
      if (fate === "late") world.late.push(ask);
      const answer = fate === "lost" || fate === "late" ? null : ask();
      if (fate === "twice") ask();
      const heard: RescueAnswer = answer === null || fate === "answer lost" ? { kind: "lost" } : answer;
      rescue = receiveRescue(rescue, message, heard);
    }
  }
  const { granted, refusal } = rescue.verdict ?? { granted: false };
  const closing = closingOf(pending, { granted, refusal, lenders: lendersOf(rescue) });
  return closing === null ? null : outcomeTo(only(sku.execute([closing])));
}

function answerRescue(world: LoanWorld, { tried, limit }: RescueCase, message: RescueMessage): RescueAnswer {
  if (message.type === "claim") {
    if (message.pauseMs > 0) catchUp(world, tried.customer);
    const claim = { ...claimOf(tried, limit?.limit ?? 0), without: message.without };
    return { kind: "grant", grant: only(claimAll(world.known, [claim]).grants) };
  }
  const { lender, to } = message;
  if ("sku" in lender) {
    const request_ = request({ type: "lend", id: lender.id, to }, { actor: { role: "service" } });
    return lentBy(only(world.object(lender.sku).execute([request_])));
  }
  world.ask(lender.cart, (cart) => askLoan(cart, to, world.now));
  for (let rounds = 0; rounds < 3 && isLentTo(world.cart(lender.cart), to.name); rounds++) {
    for (const one of world.messages(lender.cart)) world.say(lender.cart, one, world.claimFate(world.steps));
  }
  return loanAnswer(world.cart(lender.cart), to.name);
}

/** Whoever lent learns what became of the late payment. */
export function tellLender(world: LoanWorld, lender: Lender, end: LoanEnd): void {
  if ("cart" in lender) {
    world.keep(endLoan(world.cart(lender.cart), end, world.now));
    world.drive(lender.cart);
    return;
  }
  const { rescue, serial, fate } = end;
  const command = { type: fate, id: lender.id, rescue, serial: serial ?? undefined };
  world.object(lender.sku).execute([request(command, { actor: { role: "service" } })]);
}

/** What is lent for too long asks its cart, and the cart asks the SKU of the late payment, as does what is in no cart. */
export function askAboutLoan(world: LoanWorld, object: MemoryObject, id: string): void {
  const { sku, cart, lentTo } = object.reservations.get(id) ?? {};
  if (!sku || !lentTo) return;
  if (cart === null || cart === undefined) {
    const fate = fateOf(world, lentTo, { sku, id });
    if (fate !== null)
      object.execute([request({ type: fate, id, rescue: lentTo.name }, { actor: { role: "service" } })]);
    return;
  }
  const fate = fateOfLoan(world.cart(cart), lentTo.name);
  if (fate !== null)
    object.execute([request({ type: fate, id, rescue: lentTo.name }, { actor: { role: "cart", cart } })]);
  const { loan, phase } = world.cart(cart);
  if (phase !== "lent" || loan === null) return;
  const ended = fateOf(world, loan.to, { cart });
  if (ended !== null) tellLender(world, { cart }, { rescue: loan.to.name, serial: null, fate: ended });
}

function fateOf(world: LoanWorld, { sku, id }: Rescue, lender: Lender): "restore" | "supersede" | null {
  return fateOfRescue(world.object(sku).reservations.get(id), lender);
}

/** The one who counts asks the SKUs what became of all that it counts for a customer, as it does before it refuses. */
function catchUp(world: LoanWorld, customer: string): void {
  for (const { id, sku } of [...knownOf(world.known, customer).values()]) {
    const { reservations, sku: state } = world.object(sku);
    const found = [...reservations.values()].filter((one) => one.id === id);
    const counts = countsOf([id], found, { sku, version: state?.version ?? 0 });
    reportAll(
      world.known,
      counts.map((one) => ({ ...one, customer })),
    );
  }
}
