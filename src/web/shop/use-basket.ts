import { useEffect, useState } from "react";
import { useCart } from "../../client/react/hooks.ts";
import { keepOf, readKeptOf } from "./kept.ts";
import { cartIn, type OwnBySku } from "./own.ts";

export type Basket = ReturnType<typeof useBasket>;

/**
 * The visitor's cart in a drop: the stored one, or else (lost, or opened in another tab) the one that the service reports. It
 * stays during a payment.
 */
export function useBasket(drop: string, own: OwnBySku, isPaying: boolean) {
  const [id, setId] = useState(() => readKeptOf(drop).cart);
  const basket = useCart(id === null ? {} : { id });
  const { cart, isKnown, isBusy } = basket;
  const found = cartIn(own, cart?.createdAt);
  const isOther = found !== null && isKnown && !isBusy && !isPaying && cart?.id !== found && cart?.status !== "held";
  useEffect(() => {
    if (isOther) setId(found);
  }, [isOther, found]);
  const current = cart?.id ?? null;
  useEffect(() => {
    if (current !== null) keepOf(drop, { cart: current });
  }, [drop, current]);
  return basket;
}
