import { useEffect, useRef, useState } from "react";
import type { RefusalCode, Result } from "../../client/client.ts";
import type { Money } from "./use-money.ts";
import { OUTAGE, sayRefusal } from "./words.ts";

/** The cards of the demo bank. With `late` the bank answers only after the hold has ended. */
export type Card = "good" | "declined" | "late";

export type Payment =
  | { step: "choosing" | "asking" | "waiting" | "confirming" | "declined" | "paid" }
  | { step: "refund" | "failed"; words: string };

/** What is paid for. */
export interface Sale {
  id: string;
  isHeld: boolean;
  /** The order under which it is sold, once it is. */
  soldAs: string | null;
  confirm: (orderId: string) => Promise<Result<unknown, RefusalCode>>;
}

/** How long the bank takes, and how long after a hold's end a late payment arrives. */
const BANK_MS = 900;
const LATE_MS = 1_200;

/** A payment at the demo bank, and the confirmation of what was paid for. */
export function usePayment({ id, isHeld, soldAs, confirm }: Sale, size: string, { note }: Money) {
  const [payment, setPayment] = useState<Payment>({ step: "choosing" });
  const orderId = useRef(newOrderId());
  const confirming = useRef(confirm);
  confirming.current = confirm;
  const sizeNow = useRef(size);
  sizeNow.current = size;

  async function finish(): Promise<void> {
    setPayment({ step: "confirming" });
    try {
      setPayment(paymentAfter(await confirming.current(orderId.current), sizeNow.current));
    } catch (error) {
      console.warn(error);
      setPayment({ step: "failed", words: OUTAGE });
    }
  }
  const finishing = useRef(finish);
  finishing.current = finish;

  const isOverdue = payment.step === "waiting" && !isHeld;
  useEffect(() => {
    if (!isOverdue) return;
    const timer = setTimeout(() => void finishing.current(), LATE_MS);
    return () => clearTimeout(timer);
  }, [isOverdue]);

  // A confirmation whose answer was lost may still have taken effect.
  const isSettled = payment.step === "failed" && soldAs === orderId.current;
  useEffect(() => {
    if (isSettled) setPayment({ step: "paid" });
  }, [isSettled]);

  const isPending = isUnderWay(payment);
  useEffect(() => {
    note(id, isPending);
    return () => note(id, false);
  }, [note, id, isPending]);

  async function pay(card: Card): Promise<void> {
    setPayment({ step: "asking" });
    await new Promise((then) => setTimeout(then, BANK_MS));
    if (card === "good") return finish();
    setPayment({ step: card === "late" ? "waiting" : "declined" });
  }

  function reset(): void {
    orderId.current = newOrderId();
    setPayment({ step: "choosing" });
  }
  return { payment, isPending, pay, finish, reset };
}

/** Whether the bank may have taken money without a confirmed result: what is being paid for must not be released. */
export function isUnderWay({ step }: Payment): boolean {
  return step === "asking" || step === "waiting" || step === "confirming" || step === "failed";
}

/** The state of a payment after the service's answer to its confirmation. */
export function paymentAfter(result: Result<unknown, RefusalCode>, size: string): Payment {
  if (result.ok) return { step: "paid" };
  const { refusal } = result;
  const isRefund = "refundRequired" in refusal && refusal.refundRequired;
  return { step: isRefund ? "refund" : "failed", words: sayRefusal(refusal, size) };
}

function newOrderId(): string {
  return `SW-${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
}
