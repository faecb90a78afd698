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

/** Whether a failure leaves open if the change was made: in its last try, or in one before it. */
export function isUncertain(failure: Failure): boolean {
  return failure instanceof HoldfastError && failure.outcome !== null;
}

const DOUBTS = {
  change: "The change may have been made or not. Try again: it will not be done twice.",
  "another change":
    "That change may have been made or not. What is filled in now is another one, which would be made besides it.",
};

/** A failure in plain English, for somebody who was reading, was changing something, or has turned to another change. */
export function explain(failure: Failure, doing: "read" | keyof typeof DOUBTS): { title: string; detail: string } {
  if (!(failure instanceof HoldfastError)) return { title: failure.title, detail: sentence(failure.detail) };
  const title = TITLES[failure.code] ?? `The service refused (${failure.code})`;
  const said = failure.code === "network" ? "Check the connection." : sentence(failure.message);
  if (doing === "read" || !isUncertain(failure)) return { title, detail: said };
  return { title, detail: `${said} ${DOUBTS[doing]}` };
}

/** A detail as the service words it, as a sentence. */
function sentence(detail: string): string {
  const begun = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
