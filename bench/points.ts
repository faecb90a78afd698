import type { Service } from "../scripts/service.ts";
import { signToken } from "../scripts/sign-token.ts";
import type { Load } from "./load.ts";

/** The service under measurement, with a token of each kind that the loads need. */
export type Target = { url: string; storefront: string; admin: string };

export type PointName = "instant" | "parse" | "noop" | "reserve" | "soldOut" | "soldOutAsked" | "read" | "readAsked";
export type JointName = "alone" | "limited" | "cart";

export async function targetOf({ url, secret }: Pick<Service, "url" | "secret">): Promise<Target> {
  const token = (role: "storefront" | "admin") => signToken(secret, { role, sub: "bench" });
  return { url, storefront: await token("storefront"), admin: await token("admin") };
}

/** Prepares the SKUs that the points need, and describes the load of each point. */
export async function preparePoints(target: Target): Promise<Record<PointName, Load>> {
  const { url, storefront } = target;
  await createSku(target, "bench-hot", 1_000_000);
  await createSku(target, "bench-gone", 1);
  await fill(target, "bench-gone", 1);
  return {
    instant: { url: `${url}/bench/instant`, method: "GET", expect: 200 },
    parse: { ...reserveOf(target, "bench-hot", 200), url: `${url}/bench/parse` },
    noop: { url: `${url}/bench/noop`, method: "POST", expect: 200 },
    reserve: reserveOf(target, "bench-hot", 201),
    soldOut: reserveOf(target, "bench-gone", 409),
    // Of a retry only the SKU itself can tell.
    soldOutAsked: { ...reserveOf(target, "bench-gone", 409), key: () => crypto.randomUUID() },
    read: { url: `${url}/v1/skus/bench-hot`, method: "GET", expect: 200 },
    readAsked: { url: `${url}/v1/skus/bench-hot`, method: "GET", token: storefront, expect: 200 },
  };
}

/** What takes more objects than the SKU's, beside a plain reserve. Each customer is new: nobody has a hold, a cart or a count yet. */
export async function prepareJoint(target: Target): Promise<Record<JointName, Load>> {
  const { url, storefront } = target;
  await createSku(target, "bench-alone", 1_000_000);
  await createSku(target, "bench-limited", 1_000_000);
  await post(target, "/v1/drops", { drop: "bench", name: "Bench", skus: ["bench-limited"], perCustomerLimit: 1 });
  for (const sku of cartSkus) await createSku(target, sku, 1_000_000);
  return {
    alone: reserveOf(target, "bench-alone", 201),
    limited: reserveOf(target, "bench-limited", 201),
    cart: { url: `${url}/v1/carts`, method: "POST", token: storefront, body: cart, expect: 201 },
  };
}

/** Reserves of one unit each, every one by another customer unless told by whom. */
export function reserveOf({ url, storefront }: Target, sku: string, expect: number, customer = anotherCustomer): Load {
  const body = () => JSON.stringify({ customer: customer(), quantity: 1 });
  return { url: `${url}/v1/skus/${sku}/reservations`, method: "POST", token: storefront, body, expect };
}

/** Creates a SKU; fails when it cannot. */
export async function createSku(target: Target, sku: string, stock: number, policy = {}): Promise<void> {
  await post(target, "/v1/skus", { sku, name: sku, stock, policy });
}

/** Adds `count` holds of one unit to a SKU from inside the service, all of which end at `dueAt` if that is named. */
export async function fill(target: Target, sku: string, count: number, dueAt?: number): Promise<void> {
  await post(target, `/bench/fill/${sku}/${count}${dueAt === undefined ? "" : `?dueAt=${dueAt}`}`, {});
}

/** Waits until D1 has everything. */
export async function untilRecorded({ url }: Target): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/readyz`);
    const { outbox } = (await answer.json()) as { outbox: { unrecordedEvents: number } };
    if (outbox.unrecordedEvents === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const cartSkus = ["bench-cart-a", "bench-cart-b"];
let customers = 0;

function anotherCustomer(): string {
  customers += 1;
  return `c${customers}`;
}

function cart(): string {
  return JSON.stringify({ customer: anotherCustomer(), lines: cartSkus.map((sku) => ({ sku, quantity: 1 })) });
}

/** A call that has to succeed; its answer. */
export async function post({ url, admin }: Target, path: string, body: unknown, token = admin): Promise<Response> {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
