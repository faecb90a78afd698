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

/** The search form. Its fields are in the address, so that a search can be bookmarked and shared. */
export function Search({ query }: { query: URLSearchParams }) {
  const { skus } = useSkus();
  const [customer, setCustomer] = useState(query.get("customer") ?? "");
  const [sku, setSku] = useState(query.get("sku") ?? "");
  const [id, setId] = useState(query.get("id") ?? "");
  const [status, setStatus] = useState(query.get("status") ?? "");
  function search(event: SubmitEvent): void {
    event.preventDefault();
    const one = { sku: sku.trim(), id: id.trim() };
    // With an id, no other field matters.
    const wanted = one.id === "" ? { customer: customer.trim(), sku: one.sku, status } : one;
    location.hash = hrefOf("reservations", undefined, wanted);
  }
  return (
    <search>
      <form className="search" onSubmit={search}>
        <Field label="Customer" value={customer} onChange={(event) => setCustomer(event.target.value)} />
        <Field
          label="SKU"
          list="known-skus"
          required={id.trim() !== ""}
          value={sku}
          onChange={(event) => setSku(event.target.value)}
        />
        <datalist id="known-skus">
          {(skus ?? []).map((each) => (
            <option key={each.sku} value={each.sku}>
              {each.name}
            </option>
          ))}
        </datalist>
        <Choice label="Status" options={STATUSES} value={status} onChange={(event) => setStatus(event.target.value)} />
        <Field label="Id" placeholder="with its SKU" value={id} onChange={(event) => setId(event.target.value)} />
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
