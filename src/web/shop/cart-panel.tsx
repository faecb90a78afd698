import { useEffect, useState } from "react";
import type { Cart } from "../../client/client.ts";
import { useHoldfast } from "../../client/react/hooks.ts";
import { Action, Message } from "./action.tsx";
import { useAnnounce } from "./announcer.tsx";
import { money } from "./catalogue.ts";
import { type Good, type Goods, goodsIn, totalOf } from "./goods.ts";
import { Heading } from "./heading.tsx";
import { HoldTimer } from "./hold-timer.tsx";
import { keep, readKept } from "./kept.ts";
import { EndedPanel, OrderPanel, RefundPanel } from "./outcomes.tsx";
import { PaymentDialog } from "./payment-dialog.tsx";
import { clockFace } from "./times.ts";
import type { Basket } from "./use-basket.ts";
import { usePayment } from "./use-payment.ts";
import { usePress } from "./use-press.ts";
import { sayRefusal } from "./words.ts";

interface CartPanelProps {
  basket: Basket;
  cart: Cart;
  goods: Goods;
  warnSeconds: number;
  /** It came about just now, and not by a reload. */
  isNew: boolean;
  again: (sku: string) => void;
}

/** The visitor's cart, from the moment its lines are held until they are paid, given back or lost. */
export function CartPanel({ basket, cart, goods, warnSeconds, isNew, again }: CartPanelProps) {
  const announce = useAnnounce();
  const [isPaying, setPaying] = useState(false);
  const [dismissed, dismiss] = useState<string | null>(null);
  const lines = cart.lines.flatMap(({ sku }) => goods[sku] ?? []);
  const pair = lines.find(({ isLaces }) => !isLaces) ?? lines[0];
  const size = pair?.size ?? "it";
  const isHeld = cart.status === "held";
  const { payment, pay, finish, reset } = usePayment(
    { isHeld, confirm: (orderId) => basket.confirm({ orderId }) },
    size,
  );
  const { step } = payment;
  useEffect(() => {
    if (step === "refund") keep({ refunded: cart.id });
    if (step === "paid" || step === "refund") setPaying(false);
  }, [step, cart.id]);
  useEffect(() => {
    if (cart.status === "expired") announce("time", `Your time is up. ${size} went back on sale.`);
  }, [announce, cart.status, size]);

  const inCart = goodsIn(cart.lines, goods);
  const isWaiting = step === "waiting" || step === "confirming";
  return (
    <>
      {isHeld && (
        <HeldCart
          {...{ basket, cart, inCart, warnSeconds, isNew, isWaiting }}
          pay={() => {
            if (step === "declined") reset();
            setPaying(true);
          }}
        />
      )}
      {cart.status === "confirming" && <Message tone="calm">Securing your pair…</Message>}
      {cart.status === "confirmed" && (
        <OrderPanel goods={inCart} orderId={cart.orderId} rescued={cart.rescued} isNew={step === "paid" && !isPaying} />
      )}
      {cart.status === "expired" && isWaiting && !isPaying && (
        <Message tone="calm">
          Your time is up, and your bank has not answered yet. If it says yes, we try our best.
        </Message>
      )}
      {cart.status === "expired" && !isWaiting && dismissed !== cart.id && (
        <Lost
          {...{ cart, pair, size }}
          isNew={step === "refund" && !isPaying}
          again={again}
          dismiss={() => dismiss(cart.id)}
        />
      )}
      {isPaying && (
        <PaymentDialog
          {...{ payment, isHeld }}
          cents={totalOf(lines.filter((good) => inCart.includes(good) || !isHeld))}
          secondsLeft={basket.secondsLeft}
          pay={(card) => void pay(card)}
          again={() => void finish()}
          close={() => setPaying(false)}
        />
      )}
    </>
  );
}

interface LostProps {
  cart: Cart;
  pair: Good | undefined;
  size: string;
  isNew: boolean;
  again: (sku: string) => void;
  dismiss: () => void;
}

function Lost({ cart, pair, size, isNew, again, dismiss }: LostProps) {
  if (readKept().refunded === cart.id) return <RefundPanel size={size} isNew={isNew} dismiss={dismiss} />;
  const retry = () => {
    dismiss();
    if (pair !== undefined) again(pair.sku);
  };
  return <EndedPanel size={size} again={retry} dismiss={dismiss} />;
}

interface HeldCartProps extends Pick<CartPanelProps, "basket" | "cart" | "warnSeconds" | "isNew"> {
  inCart: Good[];
  isWaiting: boolean;
  pay: () => void;
}

function HeldCart({ basket, cart, inCart, warnSeconds, isNew, isWaiting, pay }: HeldCartProps) {
  const secondsLeft = basket.secondsLeft ?? 0;
  const extend = usePress(async () => {
    const extended = await basket.extend();
    return extended.ok ? null : sayRefusal(extended.refusal, "This");
  });
  const release = usePress(async () => {
    const released = await basket.release();
    return released.ok ? null : sayRefusal(released.refusal, "This");
  });
  const isAtLimit = cart.expiresAt !== null && cart.expiresAt === cart.extendableUntil;
  return (
    <section className="panel cart" aria-label="Your cart">
      <Heading isNew={isNew}>In your cart</Heading>
      <HoldTimer secondsLeft={secondsLeft} warnSeconds={warnSeconds} />
      <ul className="lines">
        {inCart.map((good) => (
          <CartLine key={good.sku} good={good} cart={cart} basket={basket} isOnly={inCart.length === 1} />
        ))}
      </ul>
      <p className="total">
        <span>Total</span>
        <strong className="figures">{money(totalOf(inCart))}</strong>
      </p>
      {(extend.words ?? release.words) !== null && <Message tone="no">{extend.words ?? release.words}</Message>}
      {isWaiting && <Message tone="calm">Waiting for your bank. We go on without you watching.</Message>}
      <div className="pay-row">
        <span className="pay-clock figures" aria-hidden="true">
          {clockFace(secondsLeft)}
        </span>
        <button type="button" className="action main" onClick={pay}>
          <span>{isWaiting ? "See the payment" : `Pay ${money(totalOf(inCart))}`}</span>
        </button>
      </div>
      <div className="row">
        <Action press={extend} busy="Asking…" done="More time" look="plain" isOff={isAtLimit}>
          {isAtLimit ? "No more time" : "Keep it longer"}
        </Action>
        <Action press={release} busy="Giving back…" look="quiet">
          Give it back
        </Action>
      </div>
    </section>
  );
}

function CartLine({ good, cart, basket, isOnly }: { good: Good; cart: Cart; basket: Basket; isOnly: boolean }) {
  const client = useHoldfast();
  const line = cart.lines.find(({ sku }) => sku === good.sku);
  const remove = usePress(async () => {
    if (line?.reservation == null) return null;
    const released = await client.reservations.release(good.sku, line.reservation);
    await basket.reload();
    return released.ok ? null : sayRefusal(released.refusal, good.size);
  });
  return (
    <li>
      <span className="line-title">{good.title}</span>
      <span className="line-price figures">{money(good.cents)}</span>
      {good.isLaces && !isOnly && (
        <Action press={remove} busy="Removing…" look="quiet">
          Remove<span className="unseen"> {good.title}</span>
        </Action>
      )}
      {remove.words !== null && <Message tone="no">{remove.words}</Message>}
    </li>
  );
}
