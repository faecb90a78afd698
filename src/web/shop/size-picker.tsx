import type { Stock } from "../../client/wire.ts";
import { sizeLabel, sizeName, tabColor } from "./catalogue.ts";
import { stockWords } from "./words.ts";

/** A size with its current stock. */
export interface ShelfSize {
  sku: string;
  name: string;
  stock: Stock;
  isMine: boolean;
}

interface SizePickerProps {
  shelf: readonly ShelfSize[];
  selected: string | null;
  select: (sku: string) => void;
}

/** The sizes with their stock. A sold-out size can be chosen too: it has a waitlist. */
export function SizePicker({ shelf, selected, select }: SizePickerProps) {
  return (
    <fieldset className="sizes">
      <legend>
        Size <span>EU</span>
      </legend>
      <div>
        {shelf.map(({ sku, name, stock, isMine }, index) => {
          const words = stockWords(stock, isMine);
          return (
            <label key={sku} className={`size ${words.tone}`} data-sku={sku}>
              <input
                type="radio"
                name="size"
                aria-label={`${sizeName(name)}, ${words.long}`}
                checked={sku === selected}
                onChange={() => select(sku)}
              />
              <span className="size-tab" style={{ background: tabColor(index) }} aria-hidden="true" />
              <span className="size-label figures">{sizeLabel(name)}</span>
              <span className="size-stock">{words.short}</span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
