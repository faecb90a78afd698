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

/** A button that shows its progress. It keeps the focus while it is busy or off; a disabled button would lose it. */
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

/** The reason of a failure, or a state, shown where it belongs. */
export function Message({ tone, children }: { tone: "no" | "calm" | "good"; children: ReactNode }) {
  return <p className={`message ${tone}`}>{children}</p>;
}
