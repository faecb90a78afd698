import { useState } from "react";

/** The cursors of the pages up to the shown one. */
export function useCursors() {
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  return {
    cursor: cursors.at(-1),
    page: cursors.length,
    first: () => setCursors([undefined]),
    back: () => setCursors((before) => (before.length > 1 ? before.slice(0, -1) : before)),
    next: (cursor: string) => setCursors((before) => [...before, cursor]),
  };
}
