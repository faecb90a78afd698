import { type ReactNode, useEffect, useRef } from "react";

interface HeadingProps {
  id?: string;
  isNew?: boolean;
  children: ReactNode;
}

/** The heading of a panel. If the visitor's action opened the panel, the heading takes the focus, so that it is read next. */
export function Heading({ id, isNew = false, children }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isNew) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.closest("section")?.scrollIntoView({ block: "nearest" });
  }, [isNew]);
  return (
    <h2 ref={heading} id={id} tabIndex={-1}>
      {children}
    </h2>
  );
}

/** Moves the focus to a heading, from a button that disappears. */
export function focusHeading(id: string): void {
  document.getElementById(id)?.focus();
}
