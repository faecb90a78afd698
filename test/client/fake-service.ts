import { vi } from "vitest";
import { type ClientOptions, createClient } from "../../src/client/client.ts";

export interface Sent {
  method: string;
  path: string;
  body: unknown;
  headers: Headers;
  /** Milliseconds since the service was made. */
  at: number;
}

type Reply = Response | Error | "silence" | Promise<Response>;

/** A service that answers as a test tells it, and remembers what it was sent. */
export class FakeService {
  readonly sent: Sent[] = [];
  readonly #start = Date.now();
  answer: (sent: Sent, count: number) => Reply;

  constructor(answer: (sent: Sent, count: number) => Reply) {
    this.answer = answer;
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    const body = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const { method = "GET" } = init;
    const sent = {
      method,
      path: pathname + search,
      body,
      headers: new Headers(init.headers),
      at: Date.now() - this.#start,
    };
    this.sent.push(sent);
    const reply = this.answer(sent, this.sent.length);
    if (reply instanceof Error) throw reply;
    if (reply !== "silence") return reply;
    return new Promise((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  };

  /** A client of it, whose chance is always the middle. */
  client(options: Partial<ClientOptions> = {}) {
    return createClient({
      url: "https://holdfast.test",
      fetch: this.fetch as typeof fetch,
      random: () => 0.5,
      ...options,
    });
  }

  /** The headers of this name, of each call in order. */
  header(name: string): (string | null)[] {
    return this.sent.map(({ headers }) => headers.get(name));
  }
}

/** An answer in JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": type, "Cache-Control": "no-store", ...headers },
  });
}

/** A problem document. */
export function problem(status: number, code: string, members: object = {}, headers: Record<string, string> = {}) {
  return json(
    status,
    { type: `/problems/${code}`, title: code, status, detail: `it is ${code}`, code, ...members },
    headers,
  );
}

/** A token that says who it is for; nobody has signed it. */
export function tokenOf(role: string, expiresInSeconds = 3600, sub = "ann"): string {
  const claims = { role, sub, exp: Math.floor(Date.now() / 1000) + expiresInSeconds };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
}

/** What a promise came to, after as much time as it needs. */
export async function settled<Value>(promise: Promise<Value>): Promise<Value> {
  let isOver = false;
  const mark = () => {
    isOver = true;
  };
  promise.then(mark, mark);
  for (let steps = 0; !isOver && steps < 10_000; steps += 1) await vi.advanceTimersByTimeAsync(25);
  return promise;
}
