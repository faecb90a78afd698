/** The claims of an admin token. It is not verified here: the service does that. */
export interface Token {
  text: string;
  role: string;
  sub: string;
  /** Milliseconds, by the service's clock. */
  expiresAt: number;
}

/** Parses a pasted token; null if it is none. */
export function readToken(pasted: string): Token | null {
  // Terminals break long lines, and whole headers get pasted.
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
 * Why this token cannot be used, judged by its claims; null if the service should be asked. Only the service knows whether it
 * has expired.
 */
export function faultOf(token: Token | null): string | null {
  if (token === null) return "This is not a token. Paste all of it: three parts separated by dots.";
  if (token.role !== "admin") return `This token is for the role “${token.role}”. The console needs one for “admin”.`;
  return null;
}

const PLACE = "holdfast-console-token";

/** The token that this tab stores: closing the tab signs out. */
export function storedToken(): Token | null {
  return readToken(sessionStorage.getItem(PLACE) ?? "");
}

export function storeToken(token: Token | null): void {
  if (token === null) sessionStorage.removeItem(PLACE);
  else sessionStorage.setItem(PLACE, token.text);
}
