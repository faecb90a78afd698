import { useEffect, useState } from "react";
import type { Cart, CartLine } from "../../client/client.ts";
import { Message } from "./action.tsx";
import { type Goods, goodsIn, totalOf } from "./goods.ts";
import { HeldCart } from "./held-cart.tsx";
import { keepOf, readKeptOf } from "./kept.ts";
import { EndedPanel, OrderPanel, PendingPanel, RefundPanel } from "./outcomes.tsx";
import { PaymentDialog } from "./payment-dialog.tsx";
import type { Basket } from "./use-basket.ts";
import type { Money } from "./use-money.ts";
import { usePayment } from "./use-payment.ts";
import { whyRefunded } from "./words.ts";

interface CartPanelProps {
  drop: string;
  basket: Basket;
  cart: Cart;
  /** Its lines that still belong to the visitor. */
  left: readonly CartLine[];
  goods: Goods;
  warnSeconds: number;
  /** It was opened just now, not found after a reload. */
  isNew: boolean;
  money: Money;
  choose: (sku: string) => void;
}

/** The visitor's cart, until its lines are paid, released or expired. */
export function CartPanel({ drop, basket, cart, left, goods, warnSeconds, isNew, money, choose }: CartPanelProps) {
  const [isOpen, setOpen] = useState(false);
  const [isDismissed, setDismissed] = useState(false);
  const [wasRefunded] = useState(() => readKeptOf(drop).refunded === cart.id);
  const all = goodsIn(cart.lines, goods);
  const inCart = goodsIn(left, goods);
  const toPay = goodsIn(
    cart.lines.filter(({ status }) => status !== "released" && status !== "refused"),
    goods,
  );
  const size = all[0]?.size ?? "it";
  const isHeld = cart.status === "held";
  const sale = { id: cart.id, isHeld, soldAs: cart.orderId, confirm: (orderId: string) => basket.confirm({ orderId }) };
  const { payment, isPending, pay, finish, reset } = usePayment(sale, size, money);
  const { step } = payment;
  const isOver = cart.status === "confirmed" || cart.status === "released";
  const isSettled = step === "paid" || step === "refund" || (isOver && !isPending);
  useEffect(() => {
    if (step === "refund") keepOf(drop, { refunded: cart.id });
    if (isSettled) setOpen(false);
  }, [drop, cart.id, step, isSettled]);
  const dismiss = () => {
    setDismissed(true);
    keepOf(drop, { cart: null, refunded: null });
  };
  const isRefund = step === "refund" || wasRefunded;
  const isLost = cart.status === "expired" && !isPending && !isRefund;
  return (
    <>
      {isHeld && (
        <HeldCart
          {...{ basket, cart, inCart, warnSeconds, isNew, isPending }}
          pay={() => {
            if (step === "declined") reset();
            setOpen(true);
          }}
        />
      )}
      {cart.status === "confirming" && !isPending && <Message tone="calm">Securing your pair…</Message>}
      {cart.status === "confirmed" && inCart.length > 0 && (
        <OrderPanel goods={inCart} orderId={cart.orderId} rescued={cart.rescued} isNew={step === "paid" && !isOpen} />
      )}
      {isPending && !isHeld && !isOpen && <PendingPanel hasFailed={step === "failed"} see={() => setOpen(true)} />}
      {isRefund && !isDismissed && (
        <RefundPanel why={whyRefunded(cart.status, size)} isNew={step === "refund" && !isOpen} dismiss={dismiss} />
      )}
      {isLost && !isDismissed && (
        <EndedPanel size={size} again={() => all[0] !== undefined && choose(all[0].sku)} dismiss={dismiss} />
      )}
      {isOpen && (
        <PaymentDialog
          {...{ payment, isHeld }}
          isExpired={cart.status === "expired"}
          cents={totalOf(toPay)}
          secondsLeft={basket.secondsLeft}
          pay={(card) => void pay(card)}
          again={() => void finish()}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}
