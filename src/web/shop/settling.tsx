import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useState } from "react";

/** Longest wait for the visitor's own data; after that it appears late and moves what is below it. */
const PATIENCE_MS = 2_500;

const Unsettled = createContext<(change: number) => void>(() => undefined);

/**
 * Shows its children together once they all know their content. Until then they are laid out invisibly, so that the page does
 * not jump after a reload.
 */
export function Settling({ cover, children }: { cover: ReactNode; children: ReactNode }) {
  const [unsettled, count] = useState(0);
  const [isShown, show] = useState(false);
  const [add] = useState(() => (change: number) => count((before) => before + change));
  // After the effects of the children, which have reported by then whether they know their content.
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

/** Reports that the content here is not known yet. */
export function useUnsettled(is: boolean): void {
  const add = useContext(Unsettled);
  useLayoutEffect(() => {
    if (!is) return;
    add(1);
    return () => add(-1);
  }, [add, is]);
}
