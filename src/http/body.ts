import type { Context } from "hono";
import { fail } from "./answers.ts";

/** The JSON of a body, an empty one counting as `{}`; or the answer to one that is no JSON. */
export async function readBody(context: Context): Promise<{ value: unknown; text: string } | Response> {
  const type = context.req.header("Content-Type");
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) return fail("unsupported-media-type");
  const text = await context.req.text();
  if (text === "") return { value: {}, text };
  if (type === undefined) return fail("unsupported-media-type");
  try {
    return { value: JSON.parse(text) as unknown, text };
  } catch {
    return fail("invalid-request", "body: not valid JSON");
  }
}
