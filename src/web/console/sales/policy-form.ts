import type { Policy, SkuPatch } from "../../../client/client.ts";
import { instantOf, localOf } from "./local-time.ts";

type PolicyPatch = NonNullable<SkuPatch["policy"]>;
type Member = Exclude<keyof Policy, "paused">;

interface Input {
  name: Member;
  label: string;
  kind: "seconds" | "units" | "time";
  /** An empty input means null: no limit, or no such time. */
  mayBeEmpty: boolean;
  least: number;
  hint?: string;
}

/** The policy as a form. Pausing has a button of its own. */
export const POLICY_INPUTS: readonly Input[] = [
  { name: "opensAt", label: "Opens", kind: "time", mayBeEmpty: true, least: 0, hint: "Local time; empty: at once" },
  { name: "closesAt", label: "Closes", kind: "time", mayBeEmpty: true, least: 0, hint: "Local time; empty: never" },
  { name: "holdTtlSeconds", label: "Hold duration (s)", kind: "seconds", mayBeEmpty: false, least: 1 },
  { name: "maxHoldSeconds", label: "Maximum with extensions (s)", kind: "seconds", mayBeEmpty: false, least: 1 },
  { name: "maxPerReservation", label: "Units per reservation", kind: "units", mayBeEmpty: false, least: 1 },
  {
    name: "perCustomerLimit",
    label: "Units per customer",
    kind: "units",
    mayBeEmpty: true,
    least: 1,
    hint: "Empty: no limit",
  },
  { name: "lowStockThreshold", label: "Low stock at", kind: "units", mayBeEmpty: false, least: 0 },
  {
    name: "displayCap",
    label: "Shoppers see at most",
    kind: "units",
    mayBeEmpty: true,
    least: 1,
    hint: "Empty: the true number",
  },
  { name: "warnSeconds", label: "Warn before expiry (s)", kind: "seconds", mayBeEmpty: false, least: 1 },
  { name: "offerTtlSeconds", label: "Offer duration (s)", kind: "seconds", mayBeEmpty: false, least: 1 },
  { name: "lateConfirmSeconds", label: "Rescue late payments for (s)", kind: "seconds", mayBeEmpty: false, least: 1 },
  {
    name: "waitlistKeptSeconds",
    label: "Keep the waitlist after closing (s)",
    kind: "seconds",
    mayBeEmpty: false,
    least: 1,
    hint: "To undo a closing by mistake",
  },
  {
    name: "abandonsPerHour",
    label: "Abandoned per customer and hour",
    kind: "units",
    mayBeEmpty: false,
    least: 1,
    hint: "Then others go first for the rest of the hour",
  },
  {
    name: "reholdSeconds",
    label: "Wait before reserving again (s)",
    kind: "seconds",
    mayBeEmpty: false,
    least: 1,
    hint: "After giving back units that others were refused",
  },
];

export type PolicyFields = Record<Member, string>;

/** The service's defaults, shown in the form. */
export const USUAL_FIELDS: PolicyFields = {
  opensAt: "",
  closesAt: "",
  holdTtlSeconds: "900",
  maxHoldSeconds: "1800",
  maxPerReservation: "10",
  perCustomerLimit: "10",
  lowStockThreshold: "5",
  displayCap: "",
  warnSeconds: "60",
  offerTtlSeconds: "600",
  lateConfirmSeconds: "86400",
  waitlistKeptSeconds: "3600",
  abandonsPerHour: "30",
  reholdSeconds: "30",
};

/** A policy as values of the form. */
export function fieldsOf(policy: Policy): PolicyFields {
  const shown = POLICY_INPUTS.map(({ name, kind }) => {
    const value = policy[name];
    if (value === null) return [name, ""];
    return [name, kind === "time" ? localOf(String(value)) : String(value)];
  });
  return Object.fromEntries(shown) as PolicyFields;
}

/** Only the changed members, so that concurrent changes of others are kept. */
export function patchOf(before: PolicyFields, after: PolicyFields): PolicyPatch {
  const changed = POLICY_INPUTS.filter(({ name }) => before[name] !== after[name]).map(({ name, kind }) => {
    const text = after[name];
    if (text === "") return [name, null];
    return [name, kind === "time" ? instantOf(text) : Number(text)];
  });
  return Object.fromEntries(changed) as PolicyPatch;
}
