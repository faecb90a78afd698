import type { z } from "zod";
import { type Api, must } from "../crowd/api.ts";

/** All items of a list, or those after `start`. */
export async function readPages<Item>(
  api: Api,
  path: string,
  token: string,
  page: z.ZodType<{ items: Item[]; nextCursor: string | null }>,
  cursorName = "cursor",
  start: string | null = null,
): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = start;
  do {
    const after: string = next === null ? "" : `&${cursorName}=${encodeURIComponent(next)}`;
    const { body } = must(await api.call({ kind: null, method: "GET", path: `${path}${after}`, token, answer: page }));
    items.push(...body.items);
    next = body.nextCursor;
  } while (next !== null);
  return items;
}
