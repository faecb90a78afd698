import type { Policy } from "../../../client/client.ts";
import { count, duration, moment } from "../format.ts";
import { POLICY_INPUTS } from "./policy-form.ts";

const ABSENT: Partial<Record<keyof Policy, string>> = {
  opensAt: "at once",
  closesAt: "never",
  perCustomerLimit: "no limit",
  displayCap: "all there are",
};

/** The policy as it is. */
export function PolicyFacts({ policy }: { policy: Policy }) {
  return (
    <section className="panel" aria-label="Policy">
      <h2>Policy</h2>
      <dl className="rows">
        {POLICY_INPUTS.map(({ name, label, kind }) => (
          <div key={name}>
            <dt>{label.replace(/ \(s\)$/, "")}</dt>
            <dd>{written(policy[name], kind) ?? ABSENT[name]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function written(value: number | string | null, kind: "seconds" | "units" | "time"): string | null {
  if (value === null) return null;
  if (kind === "time") return moment(value);
  return kind === "seconds" ? duration(Number(value)) : count(Number(value));
}
