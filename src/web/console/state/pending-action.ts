import { useCallback, useState } from "react";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { useSession } from "../session/session.tsx";
import { attempt } from "./attempt.ts";
import { type Failure, isUncertain } from "./failure.ts";
import { Unanswered } from "./unanswered.ts";

/** A change with its subject and content: the same request again is the same change. */
export type Change = readonly [action: string, target: string, content?: unknown];

const unanswered = new Unanswered();

/** Runs one change at a time under an idempotency key, so that a repeated request has one effect. */
export function usePendingAction() {
  const { judge, token } = useSession();
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ change: string; failure: Failure } | null>(null);
  // The service scopes keys by caller.
  const nameOf = useCallback((change: Change) => JSON.stringify([token.sub, ...change]), [token]);

  /** Resolves to the result; a failure is kept in `failed`. */
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
    /** Whether exactly this change failed last. */
    hasFailed: (change: Change) => failed?.change === nameOf(change),
    /** Whether this change was requested before, possibly elsewhere, without a known outcome. */
    isUnanswered: (change: Change) => unanswered.has(nameOf(change), Date.now()),
  };
}
