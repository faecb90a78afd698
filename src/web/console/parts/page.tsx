import { type ReactNode, useEffect, useRef } from "react";

/** A page. Its heading gets the focus on arrival, so that screen readers and the Tab key start there. */
export function Page({
  title,
  aside,
  actions,
  children,
}: {
  title: string;
  /** Beside the heading: a state, or a link back. */
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Holdfast console`;
    heading.current?.focus();
  }, [title]);
  return (
    <main>
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside}
        <div className="actions">{actions}</div>
      </header>
      {children}
    </main>
  );
}
