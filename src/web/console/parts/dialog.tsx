import { type ReactNode, useEffect, useId, useRef } from "react";
import { createPortal } from "react-dom";

/** A modal dialog. Escape closes it, unless it is busy. */
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
    // The browser restores the focus when a dialog is closed, but not when it is removed from the page.
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  // Outside of the element that opened it, which may be a table row.
  return createPortal(
    <dialog
      ref={dialog}
      className={isWide ? "wide" : ""}
      aria-labelledby={id}
      onCancel={(event) => isBusy && event.preventDefault()}
      // Browsers close a dialog when Escape is pressed twice, whatever the page does.
      onClose={() => (isBusy ? dialog.current?.showModal() : onClose())}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>,
    document.body,
  );
}
