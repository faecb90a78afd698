import { type FailureCode, HoldfastError, type Refusal } from "../../../client/client.ts";

/** Why something failed: a refusal, or an outage. */
export type Failure = Refusal | HoldfastError;

const TITLES: Partial<Record<FailureCode, string>> = {
  network: "The service cannot be reached",
  timeout: "The service did not answer in time",
  "bad-answer": "A proxy answered instead of the service",
  unavailable: "The service is temporarily unavailable",
  overloaded: "The service is too busy",
  "rate-limited": "Too many requests",
  "invalid-request": "The request is not valid",
  forbidden: "Your token does not allow this",
  unauthenticated: "Your token is not accepted",
};

/** Whether a failure leaves unknown if the change was made, in the last try or an earlier one. */
export function isUncertain(failure: Failure): boolean {
  return failure instanceof HoldfastError && failure.outcome !== null;
}

const DOUBTS = {
  change: "The change may have been made or not. Try again: it will not be done twice.",
  "another change":
    "The earlier change may have been made or not. The values are now different, and would be a change in addition to it.",
};

/** Explains a failure in plain English to an operator who was reading, making a change, or has edited the change since. */
export function explain(failure: Failure, doing: "read" | keyof typeof DOUBTS): { title: string; detail: string } {
  if (!(failure instanceof HoldfastError)) return { title: failure.title, detail: sentence(failure.detail) };
  const title = TITLES[failure.code] ?? `The service refused (${failure.code})`;
  const said = failure.code === "network" ? "Check the connection." : sentence(failure.message);
  if (doing === "read" || !isUncertain(failure)) return { title, detail: said };
  return { title, detail: `${said} ${DOUBTS[doing]}` };
}

/** A detail of the service as a sentence. */
function sentence(detail: string): string {
  const begun = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
