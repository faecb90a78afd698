import { useCallback, useState } from "react";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { useSession } from "../session/session.tsx";
import { attempt } from "./attempt.ts";
import { type Failure, isUncertain } from "./failure.ts";
import { Unanswered } from "./unanswered.ts";

/** What is done, to what, and all else that it is made of: asked for again the same, it is the same change. */
export type Change = readonly [action: string, target: string, content?: unknown];

const unanswered = new Unanswered();

/** Does one thing at a time, by the key under which it is done once however often it is asked for. */
export function usePendingAction() {
  const { judge, token } = useSession();
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ change: string; failure: Failure } | null>(null);
  // The service's keys are each caller's own.
  const nameOf = useCallback((change: Change) => JSON.stringify([token.sub, ...change]), [token]);

  /** Resolves to what came of it, which is kept as `failed` when that is nothing. */
  const run = useCallback(
    async <Value>(change: Change, act: (key: string) => Promise<Result<Value, RefusalCode>>) => {
      const name = nameOf(change);
      setBusy(true);
      setFailed(null);
      try {
        const outcome = await attempt(() => act(unanswered.keyOf(name, Date.now())));
        const failure = "failure" in outcome ? outcome.failure : null;
        if (failure === null || !isUncertain(failure)) unanswered.answered(name);
        if (failure !== null) {
          judge(failure);
          setFailed({ change: name, failure });
        }
        return outcome;
      } finally {
        setBusy(false);
      }
    },
    [judge, nameOf],
  );

  return {
    isBusy,
    failure: failed?.failure ?? null,
    run,
    /** Whether it was this, and not something like it, that failed last. */
    hasFailed: (change: Change) => failed?.change === nameOf(change),
    /** Whether this was asked for before, perhaps elsewhere, and nobody knows what came of it. */
    isUnanswered: (change: Change) => unanswered.has(nameOf(change), Date.now()),
  };
}
