import { useCallback, useEffect, useRef, useState } from "react";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { useSession } from "../session/session.tsx";
import { attempt } from "./attempt.ts";
import type { Failure } from "./failure.ts";

export type Load<Value> = (signal: AbortSignal) => Promise<Result<Value, RefusalCode>>;

/** What was read from the service, and the last failure since. */
export interface Loaded<Value> {
  /** The newest value: it stays when a later read fails. */
  value: Value | null;
  loadedAt: number | null;
  failure: Failure | null;
  reload: () => void;
}

interface Outcome<Value> extends Omit<Loaded<Value>, "reload"> {
  load: Load<Value> | null;
  subject: unknown;
}

const NOTHING = { load: null, subject: null, value: null, loadedAt: null, failure: null };

/**
 * Polls something while it is shown. `load` has to be the same function from render to render: a new one starts empty, except
 * that the value for the same subject is shown until the new one has a result.
 */
export function useLoaded<Value>(load: Load<Value>, everyMs: number, subject: unknown = load): Loaded<Value> {
  const { judge } = useSession();
  const [state, setState] = useState<Outcome<Value>>(NOTHING);
  const now = useRef<() => void>(() => undefined);

  useEffect(() => {
    const stopper = new AbortController();
    const { signal } = stopper;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isReading = false;

    async function read(): Promise<void> {
      clearTimeout(timer);
      // A hidden page does not poll.
      if (!isReading && !document.hidden) {
        isReading = true;
        const outcome = await attempt(() => load(signal), signal);
        isReading = false;
        if (signal.aborted) return;
        if ("failure" in outcome) {
          judge(outcome.failure);
          const { failure } = outcome;
          setState((before) => ({ ...(before.load === load ? before : { ...NOTHING, load, subject }), failure }));
        } else setState({ load, subject, value: outcome.value, loadedAt: Date.now(), failure: null });
      }
      timer = setTimeout(read, everyMs);
    }

    now.current = () => void read();
    document.addEventListener("visibilitychange", now.current);
    const onSight = now.current;
    void read();
    return () => {
      stopper.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onSight);
    };
  }, [load, everyMs, subject, judge]);

  const reload = useCallback(() => now.current(), []);
  const { value, loadedAt, failure } = state.subject === subject ? state : NOTHING;
  return { value, loadedAt, failure, reload };
}
