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

/** A pair that is paid. */
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

/** Money on its way for something that is not held any more, with the way back to it. */
export function PendingPanel({ hasFailed, see }: { hasFailed: boolean; see: () => void }) {
  const announce = useAnnounce();
  const words = hasFailed
    ? "Your bank said yes, and we could not reach the till. Your payment waits for another try."
    : "Your time is up, and your payment is still on its way. If your bank says yes, we try our best.";
  useEffect(() => announce("payment", words), [announce, words]);
  return (
    <section className="panel" aria-label="Your payment">
      <Heading>Your payment is on its way</Heading>
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

/** A payment that came too late and goes back. */
export function RefundPanel({ why, isNew, dismiss }: RefundPanelProps) {
  const goOn = useGoOn();
  return (
    <section className="panel lost" aria-label="Refund">
      <Heading isNew={isNew}>Too late, and we’re sorry</Heading>
      <p>{why} You get all of it back: nothing is owed, and there is nothing to do.</p>
      <button
        type="button"
        className="action plain"
        onClick={() => {
          dismiss();
          goOn("The note about your refund is put away.");
        }}
      >
        <span>All right</span>
      </button>
    </section>
  );
}

interface EndedPanelProps {
  size: string;
  /** Chooses the size anew. */
  again: () => void;
  dismiss: () => void;
}

/** A hold whose time ran out. */
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
    goOn(`You let ${size} go.`);
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
