import { type ReactNode, useEffect, useRef } from "react";

/** A page: its heading has the focus when somebody comes to it, so that they hear and tab from where they are. */
export function Page({
  title,
  aside,
  actions,
  children,
}: {
  title: string;
  /** Beside the heading: a state, a way back. */
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
