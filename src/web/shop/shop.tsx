import { useCallback, useState } from "react";
import { useStocks } from "../../client/react/hooks.ts";
import type { Stock } from "../../client/wire.ts";
import { BuyPanel } from "./buy-panel.tsx";
import { CartPanel } from "./cart-panel.tsx";
import { PAIR_CENTS, money as priceOf, tabColor } from "./catalogue.ts";
import { ConnectionNote } from "./connection-note.tsx";
import { type Good, goodsIn, goodsOf } from "./goods.ts";
import { Hero } from "./hero.tsx";
import { Opening, useOpeningSaid } from "./opening.tsx";
import { openingPhase } from "./opening-phase.ts";
import { OrderPanel } from "./outcomes.tsx";
import { boughtIn, cartIn, isHeldIn, linesLeft, ordersBeside } from "./own.ts";
import { PayBar } from "./pay-bar.tsx";
import { ProductHeading } from "./product-heading.tsx";
import { useUnsettled } from "./settling.tsx";
import { type ShelfSize, SizePicker } from "./size-picker.tsx";
import { useBasket } from "./use-basket.ts";
import type { Range } from "./use-drop.ts";
import { type Money, useMoney } from "./use-money.ts";
import { useOwn } from "./use-own.ts";
import { WaitlistPanel } from "./waitlist-panel.tsx";
import { sayLimit } from "./words.ts";

interface ShopProps {
  range: Range;
  reread: () => Promise<void>;
  /** A new visitor, who cannot have holds yet. */
  isFirstVisit: boolean;
}

/** A drop as a shopper sees it. */
export function Shop({ range, reread, isFirstVisit }: ShopProps) {
  const { drop, sizes, laces } = range;
  const goods = goodsOf(range);
  const skus = Object.keys(goods);
  const { connection, stock } = useStocks(skus);
  const { own, note } = useOwn(skus);
  const money = useMoney();
  const basket = useBasket(drop.drop, own, money.isPaying);
  const [chosen, choose] = useState<string | null>(null);
  const [isNew, setNew] = useState(false);
  const [hasTaken, setTaken] = useState(false);
  const taken = useCallback(() => setTaken(true), []);

  const { cart } = basket;
  const isCartKnown = basket.isKnown && (cart !== null || cartIn(own) === null);
  const isOwnKnown = isCartKnown && skus.every((sku) => (own[sku]?.toldAtMs ?? 0) > 0);
  useUnsettled(!isFirstVisit && !isOwnKnown);
  const left = cart === null ? [] : linesLeft(cart, own);
  const isMine = (sku: string) =>
    left.some((line) => line.sku === sku) || boughtIn(own, [sku]).length > 0 || isHeldIn(own, sku);
  const onShelf = ({ sku, name, ...read }: Stock & { sku: string; name: string }): ShelfSize => ({
    sku,
    name,
    stock: stock[sku] ?? read,
    isMine: isMine(sku),
  });
  const shelf = sizes.map(onShelf);
  const extra = laces === null ? null : { ...onShelf(laces), isMine: false };
  const selected = chosen ?? shelf.find((size) => size.isMine)?.sku ?? null;
  const orders = ordersBeside(cart?.id ?? null, own, skus);
  const hasBought = orders.length > 0 || (cart?.status === "confirmed" && left.length > 0);
  const phase = openingPhase(shelf.map((size) => size.stock.state));
  useOpeningSaid(phase);
  const opensAt = phase === "before" ? openingOf(range) : null;
  const warnSeconds = sizes[0]?.policy.warnSeconds ?? 60;
  const tabAt = Math.max(
    0,
    sizes.findIndex(({ sku }) => sku === selected),
  );

  return (
    <div className="shop">
      <PayBar>
        <header className="top">
          <a href="/shop/" className="brand">
            Slackwater
          </a>
          <ConnectionNote connection={connection} />
        </header>
        <main>
          <Hero name={drop.name} tab={tabColor(tabAt)} />
          <div className="counter">
            {orders.map((order) => (
              <OrderPanel
                key={order[0].id}
                goods={goodsIn(order, goods)}
                orderId={order[0].orderId}
                rescued={order[0].rescued}
                isNew={hasTaken && order[0].cart === null}
              />
            ))}
            {sizes.map(({ sku }) => (
              <Place key={sku} place={own[sku]?.place ?? null} good={goods[sku]} {...{ warnSeconds, money, taken }} />
            ))}
            {cart !== null && (
              <CartPanel
                key={cart.id}
                drop={drop.drop}
                {...{ basket, cart, left, goods, warnSeconds, isNew, money, choose }}
              />
            )}
            <section className="product" aria-label="The pair">
              <ProductHeading>{drop.name}</ProductHeading>
              <p className="price figures">{priceOf(PAIR_CENTS)}</p>
              <p className="story">
                A low court shoe cut for wet piers. Marine suede, sailcloth, a gum sole that grips what the tide leaves
                behind. Made once.{drop.perCustomerLimit !== null && ` ${sayLimit(drop.perCustomerLimit)}.`}
              </p>
              {opensAt !== null && <Opening {...{ opensAt, reread }} />}
              <SizePicker shelf={shelf} selected={selected} select={choose} />
              <BuyPanel
                {...{ basket, hasBought }}
                isPaying={money.isPaying}
                size={shelf.find(({ sku }) => sku === selected) ?? null}
                laces={extra}
                added={() => setNew(true)}
                joined={note}
              />
            </section>
          </div>
        </main>
        <footer>
          <p>A demo of Holdfast. No money moves, and no shoes ship.</p>
          <p>
            <a href="/docs">API</a> <a href="/console/">Console</a>
          </p>
        </footer>
      </PayBar>
    </div>
  );
}

interface PlaceProps {
  place: string | null;
  good: Good | undefined;
  warnSeconds: number;
  money: Money;
  taken: () => void;
}

/** The newest waitlist entry. Its state is reset for another entry, but never during a payment. */
function Place({ place, good, warnSeconds, money, taken }: PlaceProps) {
  const [shown, show] = useState(place);
  if (shown !== place && !money.isPaying) show(place);
  if (shown === null || good === undefined) return null;
  return <WaitlistPanel key={shown} place={shown} {...{ good, warnSeconds, money }} paid={taken} />;
}

/** When the drop opens: the latest of the drop's and the sizes' opening times. */
function openingOf({ drop, sizes }: Range): string | null {
  const times = [drop.opensAt, ...sizes.map(({ policy }) => policy.opensAt)].flatMap((time) => time ?? []);
  return times.sort().at(-1) ?? null;
}
