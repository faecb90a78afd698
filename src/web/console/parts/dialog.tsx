import { type ReactNode, useEffect, useId, useRef } from "react";
import { createPortal } from "react-dom";

/** Something that has to be answered or read before anything else. Escape closes it, unless it is busy. */
export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
  isBusy = false,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  isWide?: boolean;
  isBusy?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // The browser gives the focus back when a dialog is closed, but not when it is taken out of the page.
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  // Out of whatever asked for it, which may be a table's row.
  return createPortal(
    <dialog
      ref={dialog}
      className={isWide ? "wide" : ""}
      aria-labelledby={id}
      onCancel={(event) => isBusy && event.preventDefault()}
      // Browsers let nobody keep a dialog open when Escape is pressed twice.
      onClose={() => (isBusy ? dialog.current?.showModal() : onClose())}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>,
    document.body,
  );
}
