import { money } from "./catalogue.ts";
import { type Good, totalOf } from "./goods.ts";
import { Heading } from "./heading.tsx";

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

/** A payment that came too late and goes back. */
export function RefundPanel({ size, isNew, dismiss }: { size: string; isNew: boolean; dismiss: () => void }) {
  return (
    <section className="panel lost" aria-label="Refund">
      <Heading isNew={isNew}>Too late, and we’re sorry</Heading>
      <p>
        Your payment arrived after your time was up, and {size} had gone to somebody else by then. You get all of it
        back: nothing is owed, and there is nothing to do.
      </p>
      <button type="button" className="action plain" onClick={dismiss}>
        <span>All right</span>
      </button>
    </section>
  );
}

/** A hold whose time ran out. */
export function EndedPanel({ size, again, dismiss }: { size: string; again: () => void; dismiss: () => void }) {
  return (
    <section className="panel lost" aria-label="Time is up">
      <Heading>Time’s up</Heading>
      <p>{size} went back on sale. If nobody was quicker, you can have it again.</p>
      <div className="row">
        <button type="button" className="action plain" onClick={again}>
          <span>Choose {size} again</span>
        </button>
        <button type="button" className="action quiet" onClick={dismiss}>
          <span>Never mind</span>
        </button>
      </div>
    </section>
  );
}
