import { keep, readKept } from "./kept.ts";

/** A token that ends sooner is renewed while the page loads, rather than during a purchase. */
const FRESH_MS_MIN = 5 * 60_000;

/** The demo is switched off: there are no visitors. */
export class NoDemo extends Error {}

export interface Entry {
  token: string;
  /** A new visitor, who cannot have holds yet. */
  isFirstVisit: boolean;
}

/** A token for the visitor: the stored one if it lasts long enough, or a new one. */
export async function enter(): Promise<Entry> {
  const { token } = readKept();
  if (token !== null && msLeft(token) > FRESH_MS_MIN) return { token, isFirstVisit: false };
  const renewed = await renew(token);
  return { token: renewed.token, isFirstVisit: !renewed.isSame };
}

/**
 * The client's token source: first the visitor's token, later new ones for the same customer, whose hold would otherwise be
 * lost. If there is no session any more, or the service does not know this visitor, the page is reloaded.
 */
export function createSession(first: string): () => Promise<string> {
  let unused: string | null = first;
  return async () => {
    const token = unused;
    unused = null;
    if (token !== null) return token;
    const renewed = await renew(readKept().token ?? first).catch((error: unknown) => {
      if (!(error instanceof NoDemo)) throw error;
      keep({ token: null });
      return null;
    });
    if (renewed?.isSame) return renewed.token;
    location.reload();
    return new Promise(() => undefined);
  };
}

async function renew(old: string | null): Promise<{ token: string; isSame: boolean }> {
  const headers: HeadersInit = old === null ? {} : { authorization: `Bearer ${old}` };
  const answer = await fetch("/demo/session", { method: "POST", headers });
  if (answer.status === 404) throw new NoDemo();
  if (!answer.ok) throw new Error(`no session: ${answer.status}`);
  const { customer, token }: { customer: string; token: string } = await answer.json();
  const isSame = customer === readKept().customer;
  keep(isSame ? { token } : { token, customer, drops: {} });
  return { token, isSame };
}

function msLeft(token: string): number {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)).exp * 1000 - Date.now();
  } catch {
    return 0;
  }
}
