import { useEffect, useState } from "react";
import { useCart } from "../../client/react/hooks.ts";
import { keep, readKept } from "./kept.ts";
import { cartIn, type OwnBySku } from "./own.ts";

export type Basket = ReturnType<typeof useBasket>;

/**
 * The visitor's cart: by what this page kept of it, or, where that is lost or came about in another tab, by what the
 * service says is the visitor's.
 */
export function useBasket(own: OwnBySku) {
  const [id, setId] = useState(() => readKept().cart);
  const basket = useCart(id === null ? {} : { id });
  const { cart, isKnown, isBusy } = basket;
  const found = cartIn(own);
  const isOther = found !== null && isKnown && !isBusy && cart?.id !== found && cart?.status !== "held";
  useEffect(() => {
    if (isOther) setId(found);
  }, [isOther, found]);
  const current = cart?.id ?? null;
  useEffect(() => {
    if (current !== null) keep({ cart: current });
  }, [current]);
  return basket;
}
