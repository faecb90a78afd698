import { Action, Message } from "./action.tsx";
import { money } from "./catalogue.ts";
import type { Good } from "./goods.ts";
import { Heading } from "./heading.tsx";
import { HoldTimer } from "./hold-timer.tsx";
import { PayRow } from "./pay-bar.tsx";
import type { Press } from "./use-press.ts";

interface OfferPanelProps {
  good: Good;
  secondsLeft: number;
  warnSeconds: number;
  /** Money is on its way: what it is for is not passed on meanwhile. */
  isPending: boolean;
  leave: Press;
  /** Opens the payment, a new one or the one under way. */
  take: () => void;
}

/** A pair that came back, and is held for the visitor until it is paid or passed on. */
export function OfferPanel({ good, secondsLeft, warnSeconds, isPending, leave, take }: OfferPanelProps) {
  const { size, cents } = good;
  return (
    <section className="panel offer" aria-label={`Offer of ${size}`}>
      <Heading>{size} came back, for you</Heading>
      <HoldTimer secondsLeft={secondsLeft} warnSeconds={warnSeconds} />
      <p className="small">Pay in this time and it is yours. After that the next one in line is asked.</p>
      {leave.words !== null && <Message tone="no">{leave.words}</Message>}
      {isPending && <Message tone="calm">Your payment is on its way. We go on without you watching.</Message>}
      <PayRow what={size} secondsLeft={secondsLeft} pay={take}>
        {isPending ? "See the payment" : `Take it for ${money(cents)}`}
      </PayRow>
      <Action press={leave} busy="Passing it on…" look="quiet" isOff={isPending}>
        No thanks, pass it on
      </Action>
    </section>
  );
}
