import { CART_OBJECTS } from "../../domain/bounds.ts";
import { cartObjectOf } from "../../domain/cart-placement.ts";

/** The object that has a cart. An id of another form is no cart's, as any of them says. */
export function cartStub(env: Env, cart: string): ReturnType<Env["CART"]["getByName"]> {
  return env.CART.getByName(cartObjectOf(cart) ?? `carts-0-of-${CART_OBJECTS}`);
}
