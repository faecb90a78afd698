import { type ReactNode, useEffect, useRef } from "react";

/** The heading of a panel. One that has come by something the visitor did takes the focus, so that it is read next. */
export function Heading({ isNew = false, children }: { isNew?: boolean; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isNew) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.closest("section")?.scrollIntoView({ block: "nearest" });
  }, [isNew]);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}
