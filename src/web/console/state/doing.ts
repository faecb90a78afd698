import { useCallback, useRef, useState } from "react";
import { newKey } from "../../../client/patience.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";
import { useSession } from "../session/session.tsx";
import type { Failure } from "./failure.ts";
import { attempt } from "./loading.ts";

/** Does one thing at a time, by the key under which it is done once however often it is asked for. */
export function useDoing() {
  const { judge } = useSession();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const last = useRef<{ content: string; key: string } | null>(null);

  /** The same content asked for again after a failure has the same key. Null when it came to nothing. */
  const run = useCallback(
    async <Value>(content: unknown, act: (key: string) => Promise<Result<Value, RefusalCode>>) => {
      const written = JSON.stringify(content) ?? "";
      if (last.current?.content !== written) last.current = { content: written, key: newKey() };
      const { key } = last.current;
      setBusy(true);
      setFailure(null);
      const outcome = await attempt(() => act(key));
      setBusy(false);
      if ("failure" in outcome) {
        judge(outcome.failure);
        setFailure(outcome.failure);
        return null;
      }
      last.current = null;
      return outcome;
    },
    [judge],
  );
  return { isBusy, failure, run };
}
