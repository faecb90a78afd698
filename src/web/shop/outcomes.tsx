import { useEffect } from "react";
import { useAnnounce } from "./announcer.tsx";
import { money } from "./catalogue.ts";
import { type Good, totalOf } from "./goods.ts";
import { Heading } from "./heading.tsx";
import { useGoOn } from "./product-heading.tsx";

interface OrderPanelProps {
  goods: readonly Good[];
  orderId: string | null;
  rescued: boolean;
  isNew: boolean;
}

/** A paid pair. */
export function OrderPanel({ goods, orderId, rescued, isNew }: OrderPanelProps) {
  return (
    <section className="panel order" aria-label="Your order">
      <svg className="check" viewBox="0 0 48 48" aria-hidden="true">
        <circle cx="24" cy="24" r="22" />
        <path d="M14 25l7 7 14-16" />
      </svg>
      <Heading isNew={isNew}>It’s yours.</Heading>
      {rescued && (
        <p className="message good">
          Your payment came after your time was up. The pair was still there, so we kept it for you.
        </p>
      )}
      <ul className="lines">
        {goods.map(({ sku, title, cents }) => (
          <li key={sku}>
            <span className="line-title">{title}</span>
            <span className="line-price figures">{money(cents)}</span>
          </li>
        ))}
      </ul>
      <p className="total">
        <span>Paid</span>
        <strong className="figures">{money(totalOf(goods))}</strong>
      </p>
      {orderId !== null && (
        <p className="small">
          Order <span className="figures">{orderId}</span>. We would write to you when it ships, if this were a real
          shop.
        </p>
      )}
    </section>
  );
}

/** A payment in progress for something that is no longer held, with the way back to it. */
export function PendingPanel({ hasFailed, see }: { hasFailed: boolean; see: () => void }) {
  const announce = useAnnounce();
  const words = hasFailed
    ? "Your bank approved the payment, but we could not reach the shop. Please try again."
    : "Your time is up, but your payment is still being processed. If your bank approves it, we will try to keep the pair for you.";
  useEffect(() => announce("payment", words), [announce, words]);
  return (
    <section className="panel" aria-label="Your payment">
      <Heading>Your payment is being processed</Heading>
      <p>{words}</p>
      <button type="button" className="action main" onClick={see}>
        <span>See the payment</span>
      </button>
    </section>
  );
}

interface RefundPanelProps {
  why: string;
  isNew: boolean;
  dismiss: () => void;
}

/** A payment that came too late and is refunded. */
export function RefundPanel({ why, isNew, dismiss }: RefundPanelProps) {
  const goOn = useGoOn();
  return (
    <section className="panel lost" aria-label="Refund">
      <Heading isNew={isNew}>Too late, sorry</Heading>
      <p>{why} You get all of it back: nothing is owed, and there is nothing to do.</p>
      <button
        type="button"
        className="action plain"
        onClick={() => {
          dismiss();
          goOn("Refund notice dismissed.");
        }}
      >
        <span>OK</span>
      </button>
    </section>
  );
}

interface EndedPanelProps {
  size: string;
  /** Chooses the size again. */
  again: () => void;
  dismiss: () => void;
}

/** An expired hold. */
export function EndedPanel({ size, again, dismiss }: EndedPanelProps) {
  const announce = useAnnounce();
  const goOn = useGoOn();
  useEffect(() => announce("time", `Your time is up. ${size} went back on sale.`), [announce, size]);
  const chooseAgain = () => {
    dismiss();
    again();
    goOn(`${size} is chosen.`);
  };
  const letGo = () => {
    dismiss();
    goOn(`Notice for ${size} dismissed.`);
  };
  return (
    <section className="panel lost" aria-label="Time is up">
      <Heading>Time’s up</Heading>
      <p>{size} went back on sale. If nobody was quicker, you can have it again.</p>
      <div className="row">
        <button type="button" className="action plain" onClick={chooseAgain}>
          <span>Choose {size} again</span>
        </button>
        <button type="button" className="action quiet" onClick={letGo}>
          <span>Never mind</span>
        </button>
      </div>
    </section>
  );
}
