interface Group {
  name: string;
  description: string;
}

const OPERATIONS: Group = { name: "Operations", description: "Liveness, readiness and metrics of the service." };
const SKUS: Group = {
  name: "SKUs",
  description: "Items for sale, with their stock and policy.",
};
const RESERVATIONS: Group = {
  name: "Reservations",
  description: "Units held for a customer for a limited time, then sold or released.",
};
const CARTS: Group = { name: "Carts", description: "Several SKUs held, extended, released and confirmed together." };
const DROPS: Group = {
  name: "Drops",
  description: "Named sales of several SKUs, with common opening times and a common limit per customer.",
};
const WAITLIST: Group = { name: "Waitlist", description: "Customers who wait for units that become available." };
const EVENTS: Group = { name: "Events", description: "All committed changes, in order and without gaps." };
const ANALYTICS: Group = { name: "Analytics", description: "Sales of a SKU or a drop over time." };
const WEBHOOKS: Group = {
  name: "Webhooks",
  description: "Endpoints that receive events, and the deliveries to them.",
};

/** All tags, in the order of the reference. */
export const GROUPS: readonly Group[] = [
  SKUS,
  RESERVATIONS,
  CARTS,
  DROPS,
  WAITLIST,
  EVENTS,
  ANALYTICS,
  WEBHOOKS,
  OPERATIONS,
];

/** The tag of each part of a path. */
const BY_PART: Readonly<Record<string, Group>> = {
  skus: SKUS,
  me: RESERVATIONS,
  reservations: RESERVATIONS,
  batch: RESERVATIONS,
  carts: CARTS,
  drops: DROPS,
  waitlist: WAITLIST,
  events: EVENTS,
  movements: EVENTS,
  analytics: ANALYTICS,
  webhooks: WEBHOOKS,
};

/** The tag of an operation: that of the last part of its path which has one. */
export function groupOf(path: string): string {
  const named = path.split("/").flatMap((part) => BY_PART[part] ?? []);
  return (named.at(-1) ?? OPERATIONS).name;
}
