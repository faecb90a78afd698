// Stands for every endpoint outside. Tests tell it by RPC how each host is to answer, and ask what it was sent.
import { WorkerEntrypoint } from "cloudflare:workers";

/** What each host answers next, and then for ever. */
const plans = new Map();
/** The calls of each host, in order. */
const calls = new Map();

export default class Receiver extends WorkerEntrypoint {
  async fetch(request) {
    const { hostname, pathname } = new URL(request.url);
    const call = {
      method: request.method,
      pathname,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    };
    calls.set(hostname, [...(calls.get(hostname) ?? []), call]);
    const plan = plans.get(hostname) ?? [{ status: 204 }];
    const answer = plan.length > 1 ? plan.shift() : plan[0];
    if (answer.hang) await new Promise((resolve) => setTimeout(resolve, answer.hang));
    return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers ?? {} });
  }

  /** From now on the host gives these answers one after another, and the last one again and again. */
  async plan(hostname, answers) {
    plans.set(hostname, answers);
  }

  /** What the host was sent. */
  async calls(hostname) {
    return calls.get(hostname) ?? [];
  }
}
