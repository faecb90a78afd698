import { keep, readKept } from "./kept.ts";

/** Before its end a token is renewed while the page loads rather than in the middle of a purchase. */
const FRESH_MS_MIN = 5 * 60_000;

/** The demo is switched off here: there are no visitors. */
export class NoDemo extends Error {}

/**
 * Where the client gets its tokens. The first one is what the last load left; whenever another is asked for, the service
 * makes one for the same customer, whose hold would otherwise be lost with an expired token.
 */
export function createSession(): () => Promise<string> {
  let isFirst = true;
  return async () => {
    const { token } = readKept();
    if (isFirst && token !== null && msLeft(token) > FRESH_MS_MIN) {
      isFirst = false;
      return token;
    }
    isFirst = false;
    return renew(token);
  };
}

async function renew(old: string | null): Promise<string> {
  const headers: HeadersInit = old === null ? {} : { authorization: `Bearer ${old}` };
  const answer = await fetch("/demo/session", { method: "POST", headers });
  if (answer.status === 404) throw new NoDemo();
  if (!answer.ok) throw new Error(`no session: ${answer.status}`);
  const { customer, token }: { customer: string; token: string } = await answer.json();
  const isSame = customer === readKept().customer;
  keep(isSame ? { token } : { token, customer, drops: {} });
  return token;
}

function msLeft(token: string): number {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)).exp * 1000 - Date.now();
  } catch {
    return 0;
  }
}
