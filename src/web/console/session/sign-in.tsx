import { type SubmitEvent, useState } from "react";
import { createClient, HoldfastError } from "../../../client/client.ts";
import { attempt } from "../state/attempt.ts";
import { explain } from "../state/failure.ts";
import { faultOf, readToken, type Token } from "./token.ts";

/** Asks for an admin token, and accepts it if the service does. */
export function SignIn({ why, onSignIn }: { why: string | null; onSignIn: (token: Token) => void }) {
  const [pasted, setPasted] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const token = readToken(pasted);
    const ownFault = faultOf(token);
    setFault(ownFault);
    if (token === null || ownFault !== null) return;
    setBusy(true);
    const refused = await faultByService(token);
    setBusy(false);
    if (refused === null) onSignIn(token);
    else setFault(refused);
  }

  return (
    <main className="sign-in">
      <form className="panel" onSubmit={submit}>
        <p className="brand">
          Holdfast <span>console</span>
        </p>
        <h1>Sign in</h1>
        {why !== null && (
          <p className="notice" role="status">
            {why}
          </p>
        )}
        <label className="field">
          <span>Admin token</span>
          <textarea
            className="code"
            rows={5}
            required
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            aria-describedby="token-hint"
            value={pasted}
            onChange={(event) => setPasted(event.target.value)}
          />
        </label>
        <p className="hint" id="token-hint">
          A JWT whose <code>role</code> is <code>admin</code>. It stays in this tab and is forgotten when you close it.
          For a local service, <code>npm run -s token -- --role admin --sub you</code> prints one.
        </p>
        {fault !== null && (
          <p className="trouble" role="alert">
            {fault}
          </p>
        )}
        <button className="button primary" type="submit" disabled={isBusy}>
          {isBusy ? "Asking the service…" : "Sign in"}
        </button>
      </form>
    </main>
  );
}

/** Why the service refuses a token, by a call that only admins may make and that does not need D1. */
async function faultByService({ text }: Token): Promise<string | null> {
  const outcome = await attempt(() => createClient({ token: text }).operations.metrics());
  if ("value" in outcome) return null;
  const { failure } = outcome;
  if (failure instanceof HoldfastError && failure.status === 401)
    return `The service does not accept this token: ${failure.message}.`;
  const { title, detail } = explain(failure, "read");
  return `${title}. ${detail}`;
}
