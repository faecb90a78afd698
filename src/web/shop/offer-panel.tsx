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
  /** A payment is in progress: its offer cannot be declined. */
  isPending: boolean;
  leave: Press;
  /** Opens the payment, a new one or the one in progress. */
  take: () => void;
}

/** An offer of the waitlist, reserved for the visitor until it is paid, declined or expired. */
export function OfferPanel({ good, secondsLeft, warnSeconds, isPending, leave, take }: OfferPanelProps) {
  const { size, cents } = good;
  return (
    <section className="panel offer" aria-label={`Offer of ${size}`}>
      <Heading>{size} came back, for you</Heading>
      <HoldTimer secondsLeft={secondsLeft} warnSeconds={warnSeconds} />
      <p className="small">Pay in time and it is yours. After that it is offered to the next in line.</p>
      {leave.words !== null && <Message tone="no">{leave.words}</Message>}
      {isPending && <Message tone="calm">Your payment is being processed. You can close this tab.</Message>}
      <PayRow what={size} secondsLeft={secondsLeft} pay={take}>
        {isPending ? "See the payment" : `Take it for ${money(cents)}`}
      </PayRow>
      <Action press={leave} busy="Declining…" look="quiet" isOff={isPending}>
        No thanks
      </Action>
    </section>
  );
}
