import { type SubmitEvent, useState } from "react";
import { Choice, Field } from "../parts/field.tsx";
import { hrefOf } from "../state/route.ts";
import { useSkus } from "../state/skus.tsx";

const STATUSES = [
  { value: "", label: "Any" },
  { value: "held", label: "Held" },
  { value: "confirmed", label: "Confirmed" },
  { value: "released", label: "Released" },
  { value: "expired", label: "Expired" },
  { value: "returned", label: "Returned" },
];

/** Asks for reservations. What was asked is in the address, so that it can be bookmarked and sent to somebody. */
export function Search({ query }: { query: URLSearchParams }) {
  const { skus } = useSkus();
  const [customer, setCustomer] = useState(query.get("customer") ?? "");
  const [sku, setSku] = useState(query.get("sku") ?? "");
  const [status, setStatus] = useState(query.get("status") ?? "");
  function search(event: SubmitEvent): void {
    event.preventDefault();
    location.hash = hrefOf("reservations", undefined, { customer: customer.trim(), sku: sku.trim(), status });
  }
  return (
    <search>
      <form className="search" onSubmit={search}>
        <Field label="Customer" value={customer} onChange={(event) => setCustomer(event.target.value)} />
        <Field label="SKU" list="known-skus" value={sku} onChange={(event) => setSku(event.target.value)} />
        <datalist id="known-skus">
          {(skus ?? []).map((each) => (
            <option key={each.sku} value={each.sku}>
              {each.name}
            </option>
          ))}
        </datalist>
        <Choice label="Status" options={STATUSES} value={status} onChange={(event) => setStatus(event.target.value)} />
        <button className="button primary" type="submit">
          Search
        </button>
        {query.size > 0 && (
          <a className="button" href={hrefOf("reservations")}>
            Clear
          </a>
        )}
      </form>
    </search>
  );
}
