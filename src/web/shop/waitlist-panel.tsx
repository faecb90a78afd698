import { useEffect, useState } from "react";
import type { WaitlistEntry } from "../../client/client.ts";
import { useReservation, useWaitlist } from "../../client/react/hooks.ts";
import { Action, Message } from "./action.tsx";
import { useAnnounce } from "./announcer.tsx";
import type { Good } from "./goods.ts";
import { Heading } from "./heading.tsx";
import { OfferPanel } from "./offer-panel.tsx";
import { PendingPanel, RefundPanel } from "./outcomes.tsx";
import { PaymentDialog } from "./payment-dialog.tsx";
import { useGoOn } from "./product-heading.tsx";
import { useUnsettled } from "./settling.tsx";
import type { Money } from "./use-money.ts";
import { usePayment } from "./use-payment.ts";
import { type Press, usePress } from "./use-press.ts";
import { sayPlaceEnd, sayRefusal, whyRefunded } from "./words.ts";

interface WaitlistPanelProps {
  place: string;
  good: Good;
  warnSeconds: number;
  money: Money;
  paid: () => void;
}

/** The visitor's waitlist entry, and its offer. */
export function WaitlistPanel({ place, good, warnSeconds, money, paid }: WaitlistPanelProps) {
  const { size } = good;
  const announce = useAnnounce();
  const goOn = useGoOn();
  const waitlist = useWaitlist(good.sku);
  const offer = useReservation(good.sku);
  const [isOpen, setOpen] = useState(false);
  const [isDismissed, setDismissed] = useState(false);
  const { entry, secondsLeft } = waitlist;
  useUnsettled(!waitlist.isKnown);
  const held = offer.reservation?.id === entry?.reservation ? offer.reservation : null;
  const isHeld = held?.status === "held";
  const sale = {
    id: place,
    isHeld,
    soldAs: held?.orderId ?? null,
    confirm: (orderId: string) => offer.confirm({ orderId }),
  };
  const { payment, isPending, pay, finish, reset } = usePayment(sale, size, money);
  const { step } = payment;
  const isSettled = step === "paid" || step === "refund" || (entry?.status === "accepted" && !isPending);
  useEffect(() => {
    if (step === "paid") paid();
    if (isSettled) setOpen(false);
  }, [step, isSettled, paid]);
  useEffect(() => {
    if (entry?.status === "offered") announce("offer", `${size} is yours if you pay in time.`);
  }, [announce, entry?.status, size]);
  const isOffered = entry?.status === "offered";
  const leave = usePress(async () => {
    const left = await waitlist.leave();
    if (!left.ok) return sayRefusal(left.refusal, size);
    goOn(isOffered ? `You declined ${size}.` : `You left the line for ${size}.`);
    return null;
  });

  if (entry === null || isDismissed) return null;
  const dismiss = () => setDismissed(true);
  if (step === "refund") {
    return <RefundPanel why={whyRefunded(entry.status, size)} isNew={!isOpen} dismiss={dismiss} />;
  }
  return (
    <>
      {entry.status === "waiting" && <Waiting {...{ entry, size, leave }} />}
      {isOffered && (
        <OfferPanel
          {...{ good, warnSeconds, isPending, leave }}
          secondsLeft={secondsLeft ?? 0}
          take={() => {
            if (step === "declined") reset();
            setOpen(true);
          }}
        />
      )}
      {isPending && !isOffered && !isOpen && <PendingPanel hasFailed={step === "failed"} see={() => setOpen(true)} />}
      {!isPending && <Ended {...{ entry, size, dismiss }} />}
      {isOpen && (
        <PaymentDialog
          {...{ payment, isHeld, secondsLeft }}
          isExpired={entry.status === "lapsed"}
          cents={good.cents}
          pay={(card) => void pay(card)}
          again={() => void finish()}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}

interface WaitingProps {
  entry: WaitlistEntry;
  size: string;
  leave: Press;
}

function Waiting({ entry, size, leave }: WaitingProps) {
  return (
    <section className="panel waiting" aria-label={`Waitlist for ${size}`}>
      <Heading>You’re in line for {size}</Heading>
      <p className="place">
        <strong className="figures">{entry.position ?? "…"}</strong>
        <span>{entry.position === 1 ? "You are next" : "your place in line"}</span>
      </p>
      <p className="small">When a pair comes back, it is offered to you right here. No need to refresh.</p>
      {leave.words !== null && <Message tone="no">{leave.words}</Message>}
      <Action press={leave} busy="Leaving…" look="quiet">
        Leave the line
      </Action>
    </section>
  );
}

interface EndedProps {
  entry: WaitlistEntry;
  size: string;
  dismiss: () => void;
}

function Ended({ entry, size, dismiss }: EndedProps) {
  const goOn = useGoOn();
  const words = sayPlaceEnd(entry, size);
  if (words === null) return null;
  const putAway = () => {
    dismiss();
    goOn(`Waitlist notice for ${size} dismissed.`);
  };
  return (
    <section className="panel lost" aria-label={`Waitlist for ${size}`}>
      <Heading>Waitlist for {size}</Heading>
      <p>{words}</p>
      <button type="button" className="action quiet" onClick={putAway}>
        <span>OK</span>
      </button>
    </section>
  );
}
