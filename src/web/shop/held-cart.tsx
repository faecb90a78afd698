import type { Cart } from "../../client/client.ts";
import { useHoldfast } from "../../client/react/hooks.ts";
import { Action, Message } from "./action.tsx";
import { ANSWER } from "./announcements.ts";
import { useAnnounce } from "./announcer.tsx";
import { money } from "./catalogue.ts";
import { type Good, totalOf } from "./goods.ts";
import { focusHeading, Heading } from "./heading.tsx";
import { HoldTimer } from "./hold-timer.tsx";
import { PayRow } from "./pay-bar.tsx";
import { useGoOn } from "./product-heading.tsx";
import type { Basket } from "./use-basket.ts";
import { usePress } from "./use-press.ts";
import { sayRefusal } from "./words.ts";

const HEADING = "cart-heading";

interface HeldCartProps {
  basket: Basket;
  cart: Cart;
  inCart: readonly Good[];
  warnSeconds: number;
  isNew: boolean;
  /** A payment is in progress: its cart cannot be released. */
  isPending: boolean;
  /** Opens the payment, a new one or the one in progress. */
  pay: () => void;
}

/** A held cart, which can be paid, extended or released. */
export function HeldCart({ basket, cart, inCart, warnSeconds, isNew, isPending, pay }: HeldCartProps) {
  const goOn = useGoOn();
  const secondsLeft = basket.secondsLeft ?? 0;
  const extend = usePress(async () => {
    const extended = await basket.extend();
    return extended.ok ? null : sayRefusal(extended.refusal, "This");
  });
  const release = usePress(async () => {
    const released = await basket.release();
    if (!released.ok) return sayRefusal(released.refusal, "This");
    goOn("Your cart is empty.");
    return null;
  });
  const isAtLimit = cart.expiresAt !== null && cart.expiresAt === cart.extendableUntil;
  return (
    <section className="panel cart" aria-label="Your cart">
      <Heading id={HEADING} isNew={isNew}>
        In your cart
      </Heading>
      <HoldTimer secondsLeft={secondsLeft} warnSeconds={warnSeconds} />
      <ul className="lines">
        {inCart.map((good) => (
          <CartLine key={good.sku} canRemove={inCart.length > 1 && !isPending} {...{ good, cart, basket }} />
        ))}
      </ul>
      <p className="total">
        <span>Total</span>
        <strong className="figures">{money(totalOf(inCart))}</strong>
      </p>
      {(extend.words ?? release.words) !== null && <Message tone="no">{extend.words ?? release.words}</Message>}
      {isPending && <Message tone="calm">Your payment is being processed. You can close this tab.</Message>}
      <PayRow what="your cart" {...{ secondsLeft, pay }}>
        {isPending ? "See the payment" : `Pay ${money(totalOf(inCart))}`}
      </PayRow>
      <div className="row">
        <Action press={extend} busy="Extending…" done="Extended" look="plain" isOff={isAtLimit}>
          {isAtLimit ? "Cannot be extended" : "Extend hold"}
        </Action>
        <Action press={release} busy="Emptying…" look="quiet" isOff={isPending}>
          Empty cart
        </Action>
      </div>
    </section>
  );
}

interface CartLineProps extends Pick<HeldCartProps, "cart" | "basket"> {
  good: Good;
  canRemove: boolean;
}

function CartLine({ good, cart, basket, canRemove }: CartLineProps) {
  const client = useHoldfast();
  const announce = useAnnounce();
  const line = cart.lines.find(({ sku }) => sku === good.sku);
  const remove = usePress(async () => {
    if (line?.reservation == null) return null;
    const released = await client.reservations.release(good.sku, line.reservation);
    await basket.reload();
    if (!released.ok) return sayRefusal(released.refusal, good.size);
    announce(ANSWER, `${good.title} removed.`);
    focusHeading(HEADING);
    return null;
  });
  return (
    <li>
      <span className="line-title">{good.title}</span>
      <span className="line-price figures">{money(good.cents)}</span>
      {good.isLaces && canRemove && (
        <Action press={remove} busy="Removing…" look="quiet">
          Remove<span className="unseen"> {good.title}</span>
        </Action>
      )}
      {remove.words !== null && <Message tone="no">{remove.words}</Message>}
    </li>
  );
}
