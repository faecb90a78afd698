import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useState } from "react";

/** Nobody waits longer than this for what is his own: it comes in later then, and moves what is below it. */
const PATIENCE_MS = 2_500;

const Unsettled = createContext<(change: number) => void>(() => undefined);

/**
 * Shows its children once, all together: while some of them do not know yet what they will show they are laid out unseen,
 * behind the cover, so that a page with a hold does not jump when it is loaded again.
 */
export function Settling({ cover, children }: { cover: ReactNode; children: ReactNode }) {
  const [unsettled, count] = useState(0);
  const [isShown, show] = useState(false);
  const [add] = useState(() => (change: number) => count((before) => before + change));
  // After the effects of the children, who have said by then whether they know.
  const [isCounted, setCounted] = useState(false);
  useLayoutEffect(() => setCounted(true), []);
  if (isCounted && unsettled === 0 && !isShown) show(true);
  useEffect(() => {
    const timer = setTimeout(show, PATIENCE_MS, true);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <div className={isShown ? "" : "unsettled"}>
        <Unsettled value={add}>{children}</Unsettled>
      </div>
      {!isShown && cover}
    </>
  );
}

/** Says that what is shown here is not known yet. */
export function useUnsettled(is: boolean): void {
  const add = useContext(Unsettled);
  useLayoutEffect(() => {
    if (!is) return;
    add(1);
    return () => add(-1);
  }, [add, is]);
}
