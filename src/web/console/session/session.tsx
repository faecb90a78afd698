import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { createClient, type Holdfast, HoldfastError } from "../../../client/client.ts";
import type { Failure } from "../state/failure.ts";
import { SignIn } from "./sign-in.tsx";
import { faultOf, storedToken, storeToken, type Token } from "./token.ts";

/** The signed-in operator, and the client for its calls. */
export interface Session {
  token: Token;
  client: Holdfast;
  signOut: (why?: string) => void;
  /**
   * Ends the session if a call failed because its token is no longer accepted. Only the service decides that: this machine's
   * clock may be wrong.
   */
  judge: (failure: Failure) => void;
}

const SessionContext = createContext<Session | null>(null);

/** The session of everything behind the sign-in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("nobody is signed in");
  return session;
}

/** Shows its children to signed-in operators, and the sign-in to everybody else. */
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
    if (isRefusedToken) signOut(`The service no longer accepts your token: ${failure.message}.`);
  };
  return { token, client, signOut, judge };
}
