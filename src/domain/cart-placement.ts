import { CART_OBJECTS } from "./bounds.ts";
import { hashOf } from "./hash.ts";

/** The id of a new cart, made of what tells it apart: it carries the number of Cart objects that there are, so that it is found however many there will be. */
export function cartIdOf(unique: string): string {
  return `${unique}.${CART_OBJECTS}`;
}

/** The name of the object that has a cart; null where no cart has such an id. */
export function cartObjectOf(cart: string): string | null {
  const objects = /\.([1-9]\d{0,3})$/.exec(cart)?.[1];
  return objects === undefined ? null : `carts-${hashOf(cart) % Number(objects)}-of-${objects}`;
}
