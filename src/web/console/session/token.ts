/** What an admin token says of itself. It is not verified here: the service does that. */
export interface Token {
  text: string;
  role: string;
  sub: string;
  /** Milliseconds, by the service's clock. */
  expiresAt: number;
}

/** Reads a pasted token; null when it is none. */
export function readToken(pasted: string): Token | null {
  // Terminals break long lines, and headers are pasted whole.
  const text = pasted.replace(/\s+/g, "").replace(/^Bearer/i, "");
  try {
    const payload = (text.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    const { role, sub, exp } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    if (typeof role !== "string" || typeof sub !== "string" || typeof exp !== "number") return null;
    return { text, role, sub, expiresAt: exp * 1000 };
  } catch {
    return null;
  }
}

/**
 * Why nobody can sign in with this token, as far as it says itself; null when it is worth asking the service, which alone
 * knows whether it has ended.
 */
export function faultOf(token: Token | null): string | null {
  if (token === null) return "This is not a token. Paste the whole of it: three parts with dots between them.";
  if (token.role !== "admin") return `This token is for the role “${token.role}”. The console needs one for “admin”.`;
  return null;
}

const PLACE = "holdfast-console-token";

/** The token that this tab keeps: closing the tab signs out. */
export function storedToken(): Token | null {
  return readToken(sessionStorage.getItem(PLACE) ?? "");
}

export function storeToken(token: Token | null): void {
  if (token === null) sessionStorage.removeItem(PLACE);
  else sessionStorage.setItem(PLACE, token.text);
}
