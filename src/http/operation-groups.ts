/** The tag of each part of a path. */
const GROUPS: Readonly<Record<string, string>> = {
  skus: "SKUs",
  me: "Reservations",
  reservations: "Reservations",
  batch: "Reservations",
  carts: "Carts",
  drops: "Drops",
  waitlist: "Waitlist",
  live: "Live stock",
  events: "Events",
  movements: "Events",
  analytics: "Analytics",
  webhooks: "Webhooks",
};

/** The tag of an operation: that of the last part of its path which has one. */
export function groupOf(path: string): string {
  const named = path.split("/").flatMap((part) => GROUPS[part] ?? []);
  return named.at(-1) ?? "Operations";
}
