import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { createClient, type Holdfast, HoldfastError } from "../../../client/client.ts";
import type { Failure } from "../state/failure.ts";
import { SignIn } from "./sign-in.tsx";
import { faultOf, storedToken, storeToken, type Token } from "./token.ts";

/** Who is signed in, and what they call the service with. */
export interface Session {
  token: Token;
  client: Holdfast;
  signOut: (why?: string) => void;
  /**
   * Ends the session when a call failed because its token is not accepted any more. Whether it has ended the service alone
   * knows, which some page asks every few seconds: the clock of this machine may be wrong.
   */
  judge: (failure: Failure) => void;
}

const SessionContext = createContext<Session | null>(null);

/** The session that everything behind the sign-in has. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("nobody is signed in");
  return session;
}

/** Shows what is behind the sign-in to those who are signed in, and asks everybody else for a token. */
export function SessionGate({ children }: { children: ReactNode }) {
  const [token, setToken] = useState(initialToken);
  const [why, setWhy] = useState<string | null>(null);

  const signIn = useCallback((next: Token) => {
    storeToken(next);
    setToken(next);
    setWhy(null);
  }, []);
  const signOut = useCallback((reason?: string) => {
    storeToken(null);
    setToken(null);
    setWhy(reason ?? null);
  }, []);
  const session = useMemo(() => token && openSession(token, signOut), [token, signOut]);

  if (session === null) return <SignIn why={why} onSignIn={signIn} />;
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

function initialToken(): Token | null {
  const stored = storedToken();
  return faultOf(stored) === null ? stored : null;
}

function openSession(token: Token, signOut: Session["signOut"]): Session {
  const client = createClient({ token: token.text });
  const judge = (failure: Failure) => {
    const isRefusedToken = failure instanceof HoldfastError && failure.status === 401;
    if (isRefusedToken) signOut(`The service does not accept your token any more: ${failure.message}.`);
  };
  return { token, client, signOut, judge };
}
