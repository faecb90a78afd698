import { connect } from "node:net";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { signToken } from "../../scripts/sign-token.ts";
import type { Prepared } from "../browser/prepared.ts";

const SKU = "raw";
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const service: Prepared["shared"] = inject("prepared").shared;

beforeAll(async () => {
  const body = '{"sku":"raw","name":"Raw","stock":9}';
  expect(await post("/v1/skus", "admin", `Content-Length: ${body.length}\r\n`, body)).toMatchObject({ status: 201 });
});

interface RawAnswer {
  status: number;
  text: string;
}

/** Sends bytes as no HTTP library would, and reads the answer until the connection is quiet. */
function send(bytes: Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      text += part;
      if (!text.includes("\r\n\r\n") || !/\}\s*(0\s*)?$/.test(text)) return;
      socket.destroy();
      resolve({ status: Number(text.slice(9, 12)), text });
    });
    socket.on("error", reject);
    socket.end(bytes);
  });
}

async function post(path: string, role: "admin" | "storefront", headers: string, body: string): Promise<RawAnswer> {
  const token = await signToken(service.secret, { role, sub: "raw", ttlSeconds: 600 });
  const head = `POST ${path} HTTP/1.1\r\nHost: holdfast\r\nAuthorization: Bearer ${token}\r\n`;
  // A character of `body` is a byte.
  return send(Buffer.from(`${head}Content-Type: application/json\r\n${headers}\r\n${body}`, "latin1"));
}

const reserve = (headers: string, body: string) => post(`/v1/skus/${SKU}/reservations`, "storefront", headers, body);

describe("a body on a real socket", () => {
  it.each([
    ["a chunk of no length", CHUNKED, "zz\r\n{}\r\n0\r\n\r\n"],
    ["a chunk of a negative length", CHUNKED, "2\r\n{}\r\n-5\r\nxx\r\n0\r\n\r\n"],
    ["a chunk that is cut off", CHUNKED, "10\r\n{}"],
    ["no last chunk", CHUNKED, "2\r\n{}\r\n"],
    ["less than it declared", "Content-Length: 40\r\n", "{}"],
  ])("[API2] with %s is the caller's fault", async (_fault, headers, body) => {
    const { status, text } = await reserve(headers, body);
    expect(status).toBe(400);
    expect(text).toContain('"code":"invalid-request"');
    expect(text).toContain('"detail":"body: ');
  });

  it.each([
    ["Latin-1", '{"customer":"Jos\xe9","quantity":1}'],
    ["UTF-16", "\xff\xfe{\x00}\x00"],
    ["overlong forms", '{"customer":"Jos\xc1\xa9","quantity":1}'],
    ["a surrogate", '{"customer":"Jos\xed\xa0\x80","quantity":1}'],
    ["half a character", '{"customer":"Jos\xc3","quantity":1}'],
  ])("[API1] in %s is refused", async (_encoding, body) => {
    for (const headers of [`Content-Length: ${body.length}\r\n`, CHUNKED]) {
      const sent = headers === CHUNKED ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
      const { status, text } = await reserve(headers, sent);
      expect(status).toBe(400);
      expect(text).toContain('"detail":"body: not valid UTF-8"');
    }
  });

  it("[API1] in UTF-8 is taken, whole or in chunks that cut a character", async () => {
    const body = '{"customer":"Jos\xc3\xa9","quantity":1}';
    const cut = body.indexOf("\xa9");
    const chunks = [body.slice(0, cut), body.slice(cut)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    for (const answer of [
      await reserve(`Content-Length: ${body.length}\r\n`, body),
      await reserve(CHUNKED, `${chunks.join("")}0\r\n\r\n`),
    ]) {
      expect(answer.status).toBe(201);
      expect(answer.text).toContain('"customer":"José"');
    }
  });
});
