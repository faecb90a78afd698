import type { Policy } from "../../../client/client.ts";
import { count, duration, moment } from "../format.ts";
import { hrefOf } from "../state/route.ts";
import { POLICY_INPUTS } from "./policy-form.ts";

const ABSENT: Partial<Record<keyof Policy, string>> = {
  opensAt: "at once",
  closesAt: "never",
  perCustomerLimit: "no limit",
  displayCap: "all there are",
};

/** Settings that the drop controls. */
const LEFT_TO_DROP: typeof ABSENT = { ...ABSENT, opensAt: "with its drop", closesAt: "with its drop" };

/** The policy, with the effect of the drop. */
export function PolicyFacts({ policy, drop }: { policy: Policy; drop: string | null }) {
  const absent = drop === null ? ABSENT : LEFT_TO_DROP;
  return (
    <section className="panel" aria-label="Policy">
      <h2>Policy</h2>
      <dl className="rows">
        {POLICY_INPUTS.map(({ name, label, kind }) => (
          <div key={name}>
            <dt>{label.replace(/ \(s\)$/, "")}</dt>
            <dd>{written(policy[name], kind) ?? absent[name]}</dd>
          </div>
        ))}
      </dl>
      {drop !== null && (
        <p className="hint">
          Its drop <a href={hrefOf("drops", drop)}>{drop}</a> has times too: the later opening and the earlier closing
          count.
        </p>
      )}
    </section>
  );
}

function written(value: number | string | null, kind: "seconds" | "units" | "time"): string | null {
  if (value === null) return null;
  if (kind === "time") return moment(value);
  return kind === "seconds" ? duration(Number(value)) : count(Number(value));
}
