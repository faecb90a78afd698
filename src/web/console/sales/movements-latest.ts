import type { Movement, Page } from "../../../client/client.ts";
import type { RefusalCode, Result } from "../../../client/refusal.ts";

const SHOWN_MAX = 12;
/** Numbers of events to search for movements, growing if none is found: many events move no stock. */
const LOOKS = [100, 1_000, 10_000];
const PAGE_EVENTS = 1_000;

/** The newest movements among a SKU's last events, newest first, and how many events were searched; null: all. */
export interface Latest {
  movements: Movement[];
  lookedAt: number | null;
}

type MovementsResult<Value> = Promise<Result<Value, RefusalCode>>;
type Read = (query: { after: string | number; limit: number }) => MovementsResult<Page<Movement>>;

/** Finds the newest movements. Lists only lead forward, so the search begins this many events before the newest known one. */
export async function findLatest(
  read: Read,
  version: number,
  [events = 0, ...further]: readonly number[] = LOOKS,
): MovementsResult<Latest> {
  const after = Math.max(0, version - events);
  const result = await readToEnd(read, after);
  if (!result.ok) return result;
  if (result.value.length === 0 && after > 0 && further.length > 0) return findLatest(read, version, further);
  return { ...result, value: { movements: result.value.reverse(), lookedAt: after === 0 ? null : events } };
}

/** The rest of the list: in a busy sale it has grown past the known version. */
async function readToEnd(read: Read, start: number): MovementsResult<Movement[]> {
  let movements: Movement[] = [];
  let after: string | number = start;
  for (;;) {
    const result = await read({ after, limit: PAGE_EVENTS });
    if (!result.ok) {
      if (result.refusal.code !== "gone") return result;
      after = result.refusal.oldest - 1;
      continue;
    }
    const { items, nextCursor } = result.value;
    movements = [...movements, ...items].slice(-SHOWN_MAX);
    if (nextCursor === null) return { ...result, value: movements };
    after = nextCursor;
  }
}
