import { type ReactNode, type SubmitEvent, useEffect, useRef } from "react";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { explain } from "../state/failure.ts";
import { type Change, usePendingAction } from "../state/pending-action.ts";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { useNews } from "./news.tsx";

interface ConfirmDialogProps<Value> {
  title: string;
  /** The label of the button. */
  submit: string;
  isDanger?: boolean;
  isWide?: boolean;
  change: Change;
  /** Says that the change is already made; null while it is not. */
  already?: string | null;
  act: (key: string) => Promise<Result<Value, RefusalCode>>;
  /** Also called when the dialog is already gone. */
  onDone: (value: Value) => void;
  /** Called on cancel, and after `onDone`; never when the dialog is gone, perhaps replaced by another. */
  onClose: () => void;
  children: ReactNode;
}

/** A dialog that makes a change when confirmed. A refusal is shown in it, and it stays open. */
export function ConfirmDialog<Value>({
  title,
  submit,
  change,
  act,
  onDone,
  onClose,
  children,
  ...looks
}: ConfirmDialogProps<Value>) {
  const { isDanger = false, isWide = false, already = null } = looks;
  const { isBusy, failure, run, hasFailed, isUnanswered } = usePendingAction();
  const tell = useNews();
  const isHere = useIsHere();
  const isSettled = already !== null && !isBusy;
  async function decide(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const outcome = await run(change, act);
    if ("value" in outcome) {
      onDone(outcome.value);
      if (isHere.current) onClose();
    } else if (!isHere.current) {
      const { title: what, detail } = explain(outcome.failure, "change");
      tell(`${title} ${what}. ${detail}`);
    }
  }
  return (
    <Dialog title={title} onClose={onClose} isWide={isWide} isBusy={isBusy}>
      <form onSubmit={decide}>
        <div className="dialog-body">{children}</div>
        {isSettled && (
          <p className="notice" role="status">
            {already}
          </p>
        )}
        {!isBusy && failure === null && isUnanswered(change) && (
          <p className="notice">
            This change was requested before, and its outcome is unknown. It will not be made twice.
          </p>
        )}
        {!isSettled && <ErrorNotice failure={failure} doing={hasFailed(change) ? "change" : "another change"} />}
        <div className="buttons">
          <button className="button" type="button" onClick={onClose} disabled={isBusy}>
            Cancel
          </button>
          <button
            className={`button ${isDanger ? "danger" : "primary"}`}
            type="submit"
            disabled={isBusy || already !== null}
          >
            {isBusy ? "Working…" : submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Whether the dialog is still shown, for late answers. */
function useIsHere() {
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  return isHere;
}
