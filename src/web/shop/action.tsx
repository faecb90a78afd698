import type { ReactNode } from "react";
import type { Press } from "./use-press.ts";

interface ActionProps {
  press: Pick<Press, "phase" | "press">;
  children: ReactNode;
  busy: string;
  done?: string;
  look?: "main" | "plain" | "quiet";
  isOff?: boolean;
}

/**
 * A button that says what it is doing. Busy or off it keeps the focus, which a disabled one would throw back to the top of
 * the page.
 */
export function Action({ press, children, busy, done, look = "main", isOff = false }: ActionProps) {
  const { phase } = press;
  const isStill = isOff || phase === "busy";
  return (
    <button
      type="button"
      className={`action ${look} ${phase}`}
      aria-disabled={isStill}
      onClick={() => isStill || press.press()}
    >
      <span>{phase === "busy" ? busy : phase === "done" && done !== undefined ? done : children}</span>
    </button>
  );
}

/** Why something could not be done, or how it stands, where it happened. */
export function Message({ tone, children }: { tone: "no" | "calm" | "good"; children: ReactNode }) {
  return <p className={`message ${tone}`}>{children}</p>;
}
