import type { Context } from "hono";
import { BODY_BYTES_MAX } from "../domain/bounds.ts";
import { fail } from "./responses.ts";

/** Fatal, because replacing invalid bytes by U+FFFD would make two names one. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** The JSON of a body, `{}` if it is empty; or the refusal of a body that is not JSON in UTF-8, too long, or incomplete. */
export async function readBody(context: Context): Promise<{ value: unknown } | Response> {
  const type = context.req.header("Content-Type");
  if (type !== undefined && !isJsonType(type)) return fail("unsupported-media-type");
  const bytes = await readBytes(context.req.raw);
  if (bytes instanceof Response) return bytes;
  if (bytes.byteLength === 0) return { value: {} };
  if (type === undefined) return fail("unsupported-media-type");
  const text = decode(bytes);
  if (text === null) return fail("invalid-request", "body: not valid UTF-8");
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return fail("invalid-request", "body: not valid JSON");
  }
}

/** Whether a value has a member called `__proto__` anywhere: a parser drops it silently where names are free. */
export function namesPrototype(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(namesPrototype);
}

/** JSON is UTF-8 (RFC 8259): a type may name that charset, and no other. */
function isJsonType(type: string): boolean {
  const [media = "", ...parameters] = type.toLowerCase().split(";");
  if (media.trim() !== "application/json") return false;
  return parameters.every((parameter) => {
    const [name = "", value = ""] = parameter.split("=");
    return name.trim() !== "charset" || /^\s*("?)utf-?8\1\s*$/.test(value);
  });
}

async function readBytes(request: Request): Promise<Uint8Array | Response> {
  if (request.body === null) return new Uint8Array();
  const declared = request.headers.has("Transfer-Encoding") ? null : request.headers.get("Content-Length");
  if (Number(declared) > BODY_BYTES_MAX) return fail("body-too-large");
  try {
    return declared === null ? await readStream(request.body) : new Uint8Array(await request.arrayBuffer());
  } catch {
    // The connection broke on the caller's side: the service did not fail, and a retry of the same body would not help.
    return fail("invalid-request", "body: incomplete, or invalid transfer encoding");
  }
}

async function readStream(body: ReadableStream<Uint8Array>): Promise<Uint8Array | Response> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX) return fail("body-too-large");
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function decode(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
