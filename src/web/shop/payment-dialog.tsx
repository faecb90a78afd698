import { type SubmitEvent, useLayoutEffect, useRef, useState } from "react";
import { Announced } from "./announcer.tsx";
import { money } from "./catalogue.ts";
import { clockFace } from "./times.ts";
import type { Card, Payment } from "./use-payment.ts";

const CARDS: { card: Card; name: string; says: string }[] = [
  { card: "good", name: "Valid card", says: "•••• 4242" },
  { card: "declined", name: "Declined card", says: "•••• 0002" },
  { card: "late", name: "Slow bank", says: "•••• 3155, answers after your time is up" },
];

interface PaymentDialogProps {
  payment: Payment;
  cents: number;
  secondsLeft: number | null;
  isHeld: boolean;
  isExpired: boolean;
  pay: (card: Card) => void;
  again: () => void;
  close: () => void;
}

/** The page of a demo bank. It can be closed at any time; a payment in progress continues. */
export function PaymentDialog({
  payment,
  cents,
  secondsLeft,
  isHeld,
  isExpired,
  pay,
  again,
  close,
}: PaymentDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed before it is removed: only then the browser restores the focus.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  // The event comes late, and React's development build has reopened the dialog by then.
  const closed = () => dialog.current?.open || close();
  const { step } = payment;
  return (
    <dialog ref={dialog} className="bank" aria-labelledby="bank-title" onClose={closed}>
      <header>
        <h2 id="bank-title">Pay {money(cents)}</h2>
        <button type="button" className="close" aria-label="Close payment" onClick={() => dialog.current?.close()}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="M4 4l12 12M16 4L4 16" />
          </svg>
        </button>
      </header>
      <p className="bank-note">
        {isHeld && secondsLeft !== null ? (
          <>
            Held for you for another <strong className="figures">{clockFace(secondsLeft)}</strong>. Demo bank: no money
            moves.
          </>
        ) : isExpired ? (
          "Your time is up. The pair is back on sale."
        ) : (
          "Demo bank: no money moves."
        )}
      </p>
      {step === "choosing" || step === "declined" ? (
        <CardForm isDeclined={step === "declined"} isHeld={isHeld} cents={cents} pay={pay} />
      ) : (
        <Progress key={`${step} ${isExpired}`} {...{ payment, isExpired, again }} />
      )}
      <Announced />
    </dialog>
  );
}

function CardForm({
  isDeclined,
  isHeld,
  cents,
  pay,
}: Pick<PaymentDialogProps, "isHeld" | "cents" | "pay"> & { isDeclined: boolean }) {
  const [chosen, choose] = useState<Card>("good");
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (isHeld) pay(chosen);
  }
  return (
    <form onSubmit={submit}>
      <fieldset className="cards">
        <legend className="unseen">Card</legend>
        {CARDS.map(({ card, name, says }) => (
          <label key={card} className="card">
            <input type="radio" name="card" checked={card === chosen} onChange={() => choose(card)} />
            <span className="card-name">{name}</span>
            <span className="card-says">{says}</span>
          </label>
        ))}
      </fieldset>
      {isDeclined && (
        <p ref={takeFocus} tabIndex={-1} className="message no" role="alert">
          The bank declined this card. Your pair is still reserved: try another card.
        </p>
      )}
      <button type="submit" className="action main" aria-disabled={!isHeld}>
        <span>Pay {money(cents)}</span>
      </button>
    </form>
  );
}

/** The pressed button has gone with the form: its replacement takes the focus. */
function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}

function Progress({ payment, isExpired, again }: Pick<PaymentDialogProps, "payment" | "isExpired" | "again">) {
  if (payment.step === "failed") {
    return (
      <>
        <p ref={takeFocus} tabIndex={-1} className="message no" role="alert">
          {payment.words}
        </p>
        <button type="button" className="action main" onClick={again}>
          <span>Try again</span>
        </button>
      </>
    );
  }
  return (
    <div className="progress">
      <span className="wave" aria-hidden="true" />
      <p ref={takeFocus} tabIndex={-1}>
        {progressWords(payment.step, isExpired)}
      </p>
    </div>
  );
}

function progressWords(step: Payment["step"], isExpired: boolean): string {
  if (step === "asking") return "Asking your bank…";
  if (step === "confirming") return "Approved. Confirming your order…";
  if (!isExpired) return "Your bank has not answered yet. You can close this window; the payment continues.";
  return "Your time ran out before the bank answered. If it still approves, we will try to keep your pair.";
}
