import { CALLER_PATIENCE_MS, LEND_PATIENCE_MS, LOCK_MS, OBJECT_CALL_MS } from "../../domain/bounds.ts";
import type { Cart } from "../../domain/cart.ts";
import { askLoan, endLoan, type LoanEnd, loanAnswer } from "../../domain/cart-loan.ts";
import { hasPassed } from "../../domain/elapsed.ts";
import type { Rescue } from "../../domain/model.ts";
import type { RescueAnswer } from "../../domain/rescue-steps.ts";
import type { Logger } from "../../logger.ts";
import { withTimeout } from "../shared/timeout.ts";

/** Access to the cart of its object. */
export interface CartAccess {
  /** The cart after what the clock has done to it, or null. */
  tick(): Cart | null;
  save(cart: Cart): Cart;
  run(patienceMs: number): Promise<void>;
}

/** The loans of a Cart object: the whole cart gives way to a late payment of its customer if that is sold. */
export class CartLoans {
  readonly #env: Env;
  readonly #access: CartAccess;
  readonly #logger: Logger;

  constructor(env: Env, access: CartAccess, logger: Logger) {
    this.#env = env;
    this.#access = access;
    this.#logger = logger;
  }

  /** Lends all lines or none. */
  async lend(to: Rescue): Promise<RescueAnswer> {
    await this.#access.run(LEND_PATIENCE_MS);
    const cart = this.#access.tick();
    if (cart === null) return { kind: "ended" };
    const asked = askLoan(cart, to, Date.now());
    if (asked.kind === "begun") {
      this.#access.save(asked.cart);
      await this.#access.run(LEND_PATIENCE_MS);
    }
    return loanAnswer(this.#access.tick() ?? cart, to.name);
  }

  /** Applies the outcome of the late payment. */
  async end(loanEnd: LoanEnd): Promise<void> {
    const cart = this.#access.tick();
    const after = cart === null ? null : endLoan(cart, loanEnd, Date.now());
    if (after === null || after === cart) return;
    this.#access.save(after);
    await this.#access.run(CALLER_PATIENCE_MS);
  }

  /** Asks a borrower that was not heard of for too long about its payment. */
  async ask(): Promise<void> {
    const cart = this.#access.tick();
    if (cart === null || cart.phase !== "lent" || cart.loan === null) return;
    const { to, at } = cart.loan;
    if (!hasPassed(at, LOCK_MS, Date.now())) return;
    try {
      const asking = this.#env.SKU.getByName(to.sku).fateOfRescue(to.id, { cart: cart.id });
      const fate = await withTimeout(asking, OBJECT_CALL_MS, "a late payment");
      if (fate !== null) await this.end({ rescue: to.name, serial: null, fate });
    } catch (error) {
      this.#logger.log("loan_check_failed", { cart: cart.id, sku: to.sku, reservation: to.id, error });
    }
  }
}
