import { useEffect, useState } from "react";
import { useReservation, useWaitlist } from "../../client/react/hooks.ts";
import { Action, Message } from "./action.tsx";
import { useAnnounce } from "./announcer.tsx";
import { money } from "./catalogue.ts";
import type { Good } from "./goods.ts";
import { Heading } from "./heading.tsx";
import { HoldTimer } from "./hold-timer.tsx";
import { RefundPanel } from "./outcomes.tsx";
import { PaymentDialog } from "./payment-dialog.tsx";
import { clockFace } from "./times.ts";
import { usePayment } from "./use-payment.ts";
import { usePress } from "./use-press.ts";
import { sayRefusal } from "./words.ts";

interface WaitlistPanelProps {
  good: Good;
  warnSeconds: number;
  paid: () => void;
}

/** The visitor's place on a waitlist, and the offer that it may come to. */
export function WaitlistPanel({ good, warnSeconds, paid }: WaitlistPanelProps) {
  const { size } = good;
  const announce = useAnnounce();
  const waitlist = useWaitlist(good.sku);
  const offer = useReservation(good.sku);
  const [isPaying, setPaying] = useState(false);
  const [isDismissed, setDismissed] = useState(false);
  const { entry } = waitlist;
  const isHeld = offer.reservation?.status === "held" && offer.reservation.id === entry?.reservation;
  const { payment, pay, finish } = usePayment({ isHeld, confirm: (orderId) => offer.confirm({ orderId }) }, size);
  const { step } = payment;
  useEffect(() => {
    if (step === "paid") paid();
    if (step === "paid" || step === "refund") setPaying(false);
  }, [step, paid]);
  useEffect(() => {
    if (entry?.status === "offered") announce("offer", `${size} is yours if you pay in time.`);
  }, [announce, entry?.status, size]);
  const leave = usePress(async () => {
    const left = await waitlist.leave();
    return left.ok ? null : sayRefusal(left.refusal, size);
  });

  if (entry === null || isDismissed) return null;
  if (step === "refund") return <RefundPanel size={size} isNew dismiss={() => setDismissed(true)} />;
  return (
    <>
      {entry.status === "waiting" && (
        <section className="panel waiting" aria-label={`Waitlist for ${size}`}>
          <Heading>You’re in line for {size}</Heading>
          <p className="place">
            <strong className="figures">{entry.position ?? "…"}</strong>
            <span>{entry.position === 1 ? "You are next" : "your place in line"}</span>
          </p>
          <p className="small">When a pair comes back, it is offered to you right here. You need not reload.</p>
          {leave.words !== null && <Message tone="no">{leave.words}</Message>}
          <Action press={leave} busy="Leaving…" look="quiet">
            Leave the line
          </Action>
        </section>
      )}
      {entry.status === "offered" && (
        <section className="panel offer" aria-label={`Offer of ${size}`}>
          <Heading>{size} came back, for you</Heading>
          <HoldTimer secondsLeft={waitlist.secondsLeft ?? 0} warnSeconds={warnSeconds} />
          <p className="small">Pay in this time and it is yours. After that the next one in line is asked.</p>
          {leave.words !== null && <Message tone="no">{leave.words}</Message>}
          <div className="pay-row">
            <span className="pay-clock figures" aria-hidden="true">
              {clockFace(waitlist.secondsLeft ?? 0)}
            </span>
            <button type="button" className="action main" onClick={() => setPaying(true)}>
              <span>Take it for {money(good.cents)}</span>
            </button>
          </div>
          <Action press={leave} busy="Passing it on…" look="quiet">
            No thanks, pass it on
          </Action>
        </section>
      )}
      <Ended status={entry.status} reason={entry.reason} size={size} dismiss={() => setDismissed(true)} />
      {isPaying && (
        <PaymentDialog
          {...{ payment, isHeld }}
          cents={good.cents}
          secondsLeft={waitlist.secondsLeft}
          pay={(card) => void pay(card)}
          again={() => void finish()}
          close={() => setPaying(false)}
        />
      )}
    </>
  );
}

function Ended({
  status,
  reason,
  size,
  dismiss,
}: {
  status: string;
  reason: string | null;
  size: string;
  dismiss: () => void;
}) {
  const words = endWords(status, reason, size);
  if (words === null) return null;
  return (
    <section className="panel lost" aria-label={`Waitlist for ${size}`}>
      <Heading>Waitlist for {size}</Heading>
      <p>{words}</p>
      <button type="button" className="action quiet" onClick={dismiss}>
        <span>All right</span>
      </button>
    </section>
  );
}

/** What became of a place; null where the visitor knows, because it was the visitor's own doing. */
function endWords(status: string, reason: string | null, size: string): string | null {
  if (status === "lapsed") return "Your offer ran out and went to the next one in line.";
  if (status !== "withdrawn" || reason === "left") return null;
  if (reason === "closed") return "The drop has closed, and with it the line.";
  return `One pair per person: you have yours already, so ${size} went to the next one in line.`;
}
