import type { ReactNode, SubmitEvent } from "react";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { useDoing } from "../state/doing.ts";
import { Dialog } from "./dialog.tsx";
import { Trouble } from "./trouble.tsx";

/** A dialog that changes something when its answer is yes. What is refused is told in it, and it stays. */
export function Ask<Value>({
  title,
  submit,
  isDanger = false,
  isWide = false,
  content,
  act,
  onDone,
  onClose,
  children,
}: {
  title: string;
  /** The words on the button. */
  submit: string;
  isDanger?: boolean;
  isWide?: boolean;
  /** All that the change is made of: asked for again unchanged, it is the same change. */
  content: unknown;
  act: (key: string) => Promise<Result<Value, RefusalCode>>;
  onDone: (value: Value) => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { isBusy, failure, run } = useDoing();
  async function decide(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const outcome = await run(content, act);
    if (outcome !== null) onDone(outcome.value);
  }
  return (
    <Dialog title={title} onClose={onClose} isWide={isWide}>
      <form onSubmit={decide}>
        <div className="dialog-body">{children}</div>
        <Trouble failure={failure} doing="change" />
        <div className="buttons">
          <button className="button" type="button" onClick={onClose}>
            Cancel
          </button>
          <button className={`button ${isDanger ? "danger" : "primary"}`} type="submit" disabled={isBusy}>
            {isBusy ? "Working…" : submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
