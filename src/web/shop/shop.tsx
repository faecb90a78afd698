import { useCallback, useState } from "react";
import { useStocks } from "../../client/react/hooks.ts";
import type { Stock } from "../../client/wire.ts";
import { BuyPanel } from "./buy-panel.tsx";
import { CartPanel } from "./cart-panel.tsx";
import { money, PAIR_CENTS, tabColor } from "./catalogue.ts";
import { ConnectionNote } from "./connection-note.tsx";
import { type Goods, goodsOf } from "./goods.ts";
import { Hero } from "./hero.tsx";
import { Opening } from "./opening.tsx";
import { OrderPanel } from "./outcomes.tsx";
import { boughtIn, isHeldIn } from "./own.ts";
import { type ShelfSize, SizePicker } from "./size-picker.tsx";
import { useBasket } from "./use-basket.ts";
import type { Range } from "./use-drop.ts";
import { useOwn } from "./use-own.ts";
import { WaitlistPanel } from "./waitlist-panel.tsx";

/** A drop as a shopper sees it. */
export function Shop({ range }: { range: Range }) {
  const { drop, sizes, laces } = range;
  const goods = goodsOf(range);
  const skus = Object.keys(goods);
  const { connection, stock } = useStocks(skus);
  const { own, note } = useOwn(skus);
  const basket = useBasket(own);
  const [chosen, choose] = useState<string | null>(null);
  const [isNew, setNew] = useState(false);
  const [hasTaken, setTaken] = useState(false);
  const taken = useCallback(() => setTaken(true), []);

  const { cart } = basket;
  const inCart = cart?.lines.filter(({ status }) => status === "held" || status === "confirmed") ?? [];
  const isMine = (sku: string) =>
    inCart.some((line) => line.sku === sku) || boughtIn(own, [sku]).length > 0 || isHeldIn(own, sku);
  const onShelf = ({ sku, name, ...read }: Stock & { sku: string; name: string }): ShelfSize => ({
    sku,
    name,
    stock: stock[sku] ?? read,
    isMine: isMine(sku),
  });
  const shelf = sizes.map(onShelf);
  const extra = laces === null ? null : { ...onShelf(laces), isMine: false };
  const selected = chosen ?? shelf.find((size) => size.isMine)?.sku ?? null;
  const bought = boughtIn(own, skus).filter(({ cart: ofCart }) => ofCart === null);
  const hasBought = bought.length > 0 || cart?.status === "confirmed";
  const opensAt = shelf.some((size) => size.stock.state === "scheduled") ? openingOf(range) : null;
  const warnSeconds = sizes[0]?.policy.warnSeconds ?? 60;
  const tabAt = Math.max(
    0,
    sizes.findIndex(({ sku }) => sku === selected),
  );

  return (
    <div className="shop">
      <header className="top">
        <a href="/shop/" className="brand">
          Slackwater
        </a>
        <ConnectionNote connection={connection} />
      </header>
      <main>
        <Hero name={drop.name} tab={tabColor(tabAt)} />
        <div className="counter">
          {bought.map(({ id, sku, orderId, rescued }) => (
            <OrderPanel
              key={id}
              goods={goods[sku] === undefined ? [] : [goods[sku]]}
              isNew={hasTaken}
              {...{ orderId, rescued }}
            />
          ))}
          {sizes.map(({ sku }) => (
            <Place key={own[sku]?.place ?? sku} place={own[sku]?.place} {...{ sku, goods, warnSeconds, taken }} />
          ))}
          {cart !== null && (
            <CartPanel key={cart.id} {...{ basket, cart, goods, warnSeconds, isNew }} again={(sku) => choose(sku)} />
          )}
          <section className="product" aria-label="The pair">
            <h1>{drop.name}</h1>
            <p className="price figures">{money(PAIR_CENTS)}</p>
            <p className="story">
              A low court shoe cut for wet piers. Marine suede, sailcloth, a gum sole that grips what the tide leaves
              behind. Made once, one pair each.
            </p>
            {opensAt !== null && <Opening opensAt={opensAt} />}
            <SizePicker shelf={shelf} selected={selected} select={choose} />
            <BuyPanel
              {...{ basket, hasBought }}
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
    </div>
  );
}

interface PlaceProps {
  place: string | null | undefined;
  sku: string;
  goods: Goods;
  warnSeconds: number;
  taken: () => void;
}

/** One place on a waitlist: the next place on the same one begins anew. */
function Place({ place, sku, goods, warnSeconds, taken }: PlaceProps) {
  const good = goods[sku];
  return place == null || good === undefined ? null : <WaitlistPanel {...{ good, warnSeconds }} paid={taken} />;
}

/** When the drop opens: the drop's time and the sizes' own, whichever is last. */
function openingOf({ drop, sizes }: Range): string | null {
  const times = [drop.opensAt, ...sizes.map(({ policy }) => policy.opensAt)].flatMap((time) => time ?? []);
  return times.sort().at(-1) ?? null;
}
