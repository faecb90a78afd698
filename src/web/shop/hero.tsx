import type { CSSProperties } from "react";
import { Sneaker } from "./sneaker.tsx";

/** The shoe, on its field, beside or below its name. */
export function Hero({ name, tab }: { name: string; tab: string }) {
  const words = name.split(/\s+/);
  // The longest word and the number of lines decide the font size.
  const letters = Math.max(4, ...words.map((word) => word.length));
  const lines = Math.max(2, words.filter((word) => !isFigures(word)).length);
  return (
    <div className="hero">
      <div className="hero-stage">
        <p className="hero-word" aria-hidden="true" style={{ "--letters": letters, "--lines": lines } as CSSProperties}>
          {words.map((word) => (
            <span key={word} className={isFigures(word) ? "outline" : ""}>
              {word}
            </span>
          ))}
        </p>
        <Sneaker tab={tab} />
        <p className="hero-note">
          <span className="hero-chip" style={{ background: tab }} />
          Every size wears a heel tab of its own color
        </p>
      </div>
    </div>
  );
}

/** Figures are written small and outlined beside the words. */
function isFigures(word: string): boolean {
  return /^\d+$/.test(word);
}
