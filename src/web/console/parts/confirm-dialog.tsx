import { type ReactNode, type SubmitEvent, useEffect, useRef } from "react";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { explain } from "../state/failure.ts";
import { type Change, usePendingAction } from "../state/pending-action.ts";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { useNews } from "./news.tsx";

interface ConfirmDialogProps<Value> {
  title: string;
  /** The words on the button. */
  submit: string;
  isDanger?: boolean;
  isWide?: boolean;
  change: Change;
  /** Says that what would be done is so without it; null while it is not. */
  already?: string | null;
  act: (key: string) => Promise<Result<Value, RefusalCode>>;
  /** Called also when the dialog is gone by then. */
  onDone: (value: Value) => void;
  /** Called when it was given up, and after `onDone`; never when it is gone, perhaps for another one. */
  onClose: () => void;
  children: ReactNode;
}

/** A dialog that changes something when its answer is yes. What is refused is told in it, and it stays. */
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
            The same was asked for before, and what came of it is not known. It will not be done twice.
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

/** Whether what asks is still shown, for answers that come late. */
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
