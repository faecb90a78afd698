import { useEffect, useState } from "react";
import type { WaitlistEntry } from "../../client/client.ts";
import { useWaitlist } from "../../client/react/hooks.ts";
import { Action, Message } from "./action.tsx";
import { ANSWER } from "./announcements.ts";
import { useAnnounce } from "./announcer.tsx";
import { LACES_CENTS, money, PAIR_CENTS, sizeName } from "./catalogue.ts";
import { LacesPicture } from "./laces-picture.tsx";
import type { ShelfSize } from "./size-picker.tsx";
import type { Basket } from "./use-basket.ts";
import { usePress } from "./use-press.ts";
import { sayRefusal, stockWords } from "./words.ts";

interface BuyPanelProps {
  size: ShelfSize | null;
  laces: ShelfSize | null;
  basket: Basket;
  hasBought: boolean;
  /** A payment is in progress: nothing else can be bought or waited for. */
  isPaying: boolean;
  added: () => void;
  joined: (entry: WaitlistEntry) => void;
}

/** The actions for the chosen size. Messages are cleared when another size is chosen. */
export function BuyPanel({ size, ...rest }: BuyPanelProps) {
  const [wantsLaces, want] = useState(false);
  return <Offer key={size?.sku ?? ""} {...rest} {...{ size, wantsLaces, want }} />;
}

interface OfferProps extends BuyPanelProps {
  wantsLaces: boolean;
  want: (wants: boolean) => void;
}

function Offer({ size, laces, basket, hasBought, isPaying, added, joined, wantsLaces, want }: OfferProps) {
  const announce = useAnnounce();
  const [aside, setAside] = useState<string | null>(null);
  const hasLaces = laces?.stock.state === "open";
  const takesLaces = wantsLaces && hasLaces;
  const add = usePress(async () => {
    setAside(null);
    if (size === null) return "Choose your size first.";
    const pair = { sku: size.sku, quantity: 1 };
    let opened = await basket.open({ lines: takesLaces ? [pair, { sku: laces.sku, quantity: 1 }] : [pair] });
    if (!opened.ok && failedOnlyBy(laces?.sku, opened.refusal.lines)) {
      opened = await basket.open({ lines: [pair] });
      if (opened.ok) {
        setAside(LACES_GONE);
        announce(ANSWER, LACES_GONE);
      }
    }
    if (!opened.ok) return sayRefusal(opened.refusal, sizeName(size.name), hasBought);
    added();
    return null;
  });
  // The feed may be faster than the answer, and would tell a visitor who has just got the last pair that it is gone.
  const [before, keep] = useState(size);
  const isAdding = add.phase === "busy";
  if (!isAdding && before !== size) keep(size);
  const shown = isAdding ? before : size;
  const { tone, long } = shown === null ? NO_SIZE : stockWords(shown.stock, shown.isMine);
  const isGone = tone === "held" || tone === "gone";
  const isForSale = tone === "plenty" || tone === "low";
  const isMine = shown?.isMine === true;
  const off = isMine ? (hasBought ? "Yours" : "In your cart") : tone === "closed" ? long : whyOff(basket, isPaying);
  const cents = PAIR_CENTS + (takesLaces ? LACES_CENTS : 0);
  return (
    <div className="buy">
      {shown !== null && <StockNote size={shown} />}
      {!isGone && laces !== null && !isMine && <LacesOffer {...{ hasLaces, wantsLaces, want }} />}
      {shown !== null && isGone ? (
        <JoinButton size={shown} {...{ isPaying, joined }} />
      ) : (
        <Action press={add} busy="Adding…" done="In your cart" isOff={off !== null}>
          {off ?? (isForSale ? `Add to cart, ${money(cents)}` : long)}
        </Action>
      )}
      {aside !== null && <Message tone="calm">{aside}</Message>}
      {add.words !== null && <Message tone="no">{add.words}</Message>}
    </div>
  );
}

const LACES_GONE = "The laces are gone, but your pair is in the cart.";
const NO_SIZE = { tone: "none", long: "Choose a size" };

/** Why nothing can be added: there is one cart at a time, and none beside a payment in progress. */
function whyOff({ cart }: Basket, isPaying: boolean): string | null {
  if (isPaying) return "Your payment is being processed";
  const isOpen = cart?.status === "held" || cart?.status === "pending" || cart?.status === "confirming";
  return isOpen ? "Pay or remove what you hold first" : null;
}

function failedOnlyBy(sku: string | undefined, lines: readonly { sku: string; problem: unknown }[]): boolean {
  const failed = lines.filter(({ problem }) => problem !== null);
  return failed.length > 0 && failed.every((line) => line.sku === sku);
}

/** The chosen size's stock; changes are announced. */
function StockNote({ size: { sku, name, stock, isMine } }: { size: ShelfSize }) {
  const announce = useAnnounce();
  const { long, tone } = stockWords(stock, isMine);
  const said = `${sizeName(name)}: ${long}`;
  const [first, setFirst] = useState(said);
  useEffect(() => {
    if (said === first) return;
    setFirst("");
    announce(`stock ${sku}`, said);
  }, [announce, sku, said, first]);
  return (
    <p className={`stock-note ${tone}`} data-testid="stock">
      {long}
    </p>
  );
}

interface LacesOfferProps {
  hasLaces: boolean;
  wantsLaces: boolean;
  want: (wants: boolean) => void;
}

function LacesOffer({ hasLaces, wantsLaces, want }: LacesOfferProps) {
  return (
    <label className={`extra ${hasLaces ? "" : "gone"}`}>
      <LacesPicture />
      <span>
        <strong>Spare laces</strong>
        <span>{hasLaces ? "Waxed cotton, 120 cm" : "Gone for now"}</span>
      </span>
      <span className="figures">{money(LACES_CENTS)}</span>
      <input
        type="checkbox"
        checked={wantsLaces && hasLaces}
        disabled={!hasLaces}
        onChange={(event) => want(event.target.checked)}
      />
    </label>
  );
}

interface JoinButtonProps {
  size: ShelfSize;
  isPaying: boolean;
  joined: (entry: WaitlistEntry) => void;
}

function JoinButton({ size, isPaying, joined }: JoinButtonProps) {
  const waitlist = useWaitlist(size.sku);
  const isWaiting = waitlist.entry?.status === "waiting" || waitlist.entry?.status === "offered";
  const join = usePress(async () => {
    const result = await waitlist.join(1);
    if (!result.ok) return sayRefusal(result.refusal, sizeName(size.name));
    joined(result.value);
    return null;
  });
  return (
    <>
      <Action press={join} busy="Joining…" done="You’re in line" isOff={isWaiting || isPaying}>
        {isWaiting ? "You’re in line" : "Join the waitlist"}
      </Action>
      {join.words !== null && <Message tone="no">{join.words}</Message>}
    </>
  );
}
