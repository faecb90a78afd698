import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { clockFace } from "./times.ts";

/** Narrow pages, as the styles define them. */
const narrow = matchMedia("(max-width: 59.99rem)");
const Bar = createContext<HTMLElement | null>(null);

/** Adds a bar at the foot of a narrow page, where everything that can be paid stays visible. */
export function PayBar({ children }: { children: ReactNode }) {
  const [bar, setBar] = useState<HTMLElement | null>(null);
  const isNarrow = useSyncExternalStore(watchNarrow, () => narrow.matches);
  return (
    <>
      <Bar value={isNarrow ? bar : null}>{children}</Bar>
      <div className="pay-bar" ref={setBar} />
    </>
  );
}

interface PayRowProps {
  /** What is paid for, in a word or two. */
  what: string;
  secondsLeft: number;
  pay: () => void;
  children: ReactNode;
}

/** The button that pays, in its panel or in the bar. */
export function PayRow({ what, secondsLeft, pay, children }: PayRowProps) {
  const bar = useContext(Bar);
  const row = (
    // In the bar, what ends first comes first.
    <div className="pay-row" style={bar === null ? {} : { order: Math.ceil(secondsLeft) }}>
      <p className="pay-clock" aria-hidden="true">
        <strong className="figures">{clockFace(secondsLeft)}</strong>
        <span>{what}</span>
      </p>
      <button type="button" className="action main" onClick={pay}>
        <span>
          {children}
          <span className="unseen">, {what}</span>
        </span>
      </button>
    </div>
  );
  return bar === null ? row : createPortal(row, bar);
}

function watchNarrow(listener: () => void): () => void {
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
}
