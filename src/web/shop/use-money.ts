import { useCallback, useState } from "react";

/** Whether any payment is in progress. Meanwhile nothing replaces what is being paid for. */
export function useMoney() {
  const [underWay, setUnderWay] = useState<readonly string[]>([]);
  const note = useCallback((id: string, isUnderWay: boolean) => {
    setUnderWay((ids) => {
      const others = ids.filter((other) => other !== id);
      return isUnderWay ? [...others, id] : others;
    });
  }, []);
  return { isPaying: underWay.length > 0, note };
}

export type Money = ReturnType<typeof useMoney>;
