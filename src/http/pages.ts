import { base64url } from "jose";
import { z } from "zod";
import { instantToWire } from "../contracts/present.ts";
import type { Page } from "../storage/d1-read.ts";
import { fail, json } from "./responses.ts";

const cursorContent = z.tuple([z.string(), z.string()]);

/** A cursor that is valid with the same filters only, and safe in a query. */
export function writeCursor(filters: unknown, last: string): string {
  return base64url.encode(JSON.stringify([JSON.stringify(filters), last]));
}

/** Where a page begins: after its cursor, or at the start without one; or the refusal of an invalid cursor. */
export function readCursor(filters: unknown, cursor: string | undefined): { last: string | null } | Response {
  if (cursor === undefined) return { last: null };
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(cursor)));
    const parsed = cursorContent.safeParse(content);
    if (parsed.success && parsed.data[0] === JSON.stringify(filters)) return { last: parsed.data[1] };
  } catch {
    // Malformed: the same answer as for a cursor of another list.
  }
  return fail("invalid-request", "cursor: not valid for this list with these filters");
}

/** Answers a page with `Holdfast-As-Of`: the newest change in D1 of what was asked about. */
export function pageAnswer<Item>(
  page: Page<Item>,
  itemToWire: (item: Item) => unknown,
  cursorAfter: (item: Item) => string,
): Response {
  const last = page.items.at(-1);
  const nextCursor = page.more && last !== undefined ? cursorAfter(last) : null;
  const headers: Record<string, string> = page.asOf === null ? {} : { "Holdfast-As-Of": instantToWire(page.asOf) };
  return json(200, { items: page.items.map(itemToWire), nextCursor }, headers);
}
