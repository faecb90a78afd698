import { type FailureCode, HoldfastError, type Refusal } from "../../../client/client.ts";

/** Why something came to nothing: the rules said no, or the service could not be asked. */
export type Failure = Refusal | HoldfastError;

const TITLES: Partial<Record<FailureCode, string>> = {
  network: "The service cannot be reached",
  timeout: "The service did not answer in time",
  "bad-answer": "Something between here and the service answered in its place",
  unavailable: "The service is out of order at this moment",
  overloaded: "The service is too busy at this moment",
  "rate-limited": "Too many calls",
  "invalid-request": "The service does not take this",
  forbidden: "Your token may not do this",
  unauthenticated: "Your token is not accepted",
};

/** Failures that say nothing of whether the change was made. */
const UNCERTAIN: readonly string[] = ["network", "timeout", "bad-answer", "unavailable", "overloaded"];

/** A failure in plain English, for somebody who was reading or was changing something. */
export function explain(failure: Failure, doing: "read" | "change"): { title: string; detail: string } {
  if (!(failure instanceof HoldfastError)) return { title: failure.title, detail: sentence(failure.detail) };
  const title = TITLES[failure.code] ?? `The service refused (${failure.code})`;
  const said = failure.code === "network" ? "Check the connection." : sentence(failure.message);
  if (doing === "read" || !UNCERTAIN.includes(failure.code)) return { title, detail: said };
  return { title, detail: `${said} The change may have been made or not. Try again: it will not be done twice.` };
}

/** A detail as the service words it, as a sentence. */
function sentence(detail: string): string {
  const begun = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
