import type { Role } from "../client.ts";
import { admin, call, newSku, reserve, storefront } from "../client.ts";

/** A SKU with one hold, and for routes about sold units one sale, both of `owner`. */
export interface Place {
  sku: string;
  id: string;
  soldId: string;
  owner: string;
  /** A cart and a waitlist entry of the owner, both on `gone`, which is sold out and in `drop`. */
  cart: string;
  entry: string;
  gone: string;
  drop: string;
  /** A SKU that nobody has touched, and one that is sold out and has nobody waiting. */
  fresh: string;
  empty: string;
}

export interface Route {
  name: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: (place: Place) => string;
  /** What a storefront or admin sends; a shopper's has no `customer`. */
  body?: (place: Place) => Record<string, unknown>;
  callers: readonly Role[] | "anyone";
  /** The route is about one reservation, which other shoppers must not see. */
  isOwned?: boolean;
  needsKey?: boolean;
  ok: number;
}

const HOLDERS = ["shopper", "storefront", "admin"] as const;
const SELLERS = ["storefront", "admin"] as const;

const one = (place: Place) => `/v1/skus/${place.sku}`;
const hold = (place: Place) => `${one(place)}/reservations/${place.id}`;
const cart = (place: Place) => `/v1/carts/${place.cart}`;
const entry = (place: Place) => `/v1/skus/${place.gone}/waitlist/${place.entry}`;
const drop = (place: Place) => `/v1/drops/${place.drop}`;

const CART_ROUTES: readonly Route[] = [
  {
    name: "open a cart",
    method: "POST",
    path: () => "/v1/carts",
    body: ({ owner, fresh }) => ({ customer: owner, lines: [{ sku: fresh, quantity: 1 }] }),
    callers: ["shopper", "storefront"],
    ok: 201,
  },
  { name: "find a cart", method: "GET", path: cart, callers: HOLDERS, isOwned: true, ok: 200 },
  {
    name: "extend a cart",
    method: "POST",
    path: (place) => `${cart(place)}/extend`,
    body: () => ({ ttlSeconds: 600 }),
    callers: HOLDERS,
    isOwned: true,
    ok: 200,
  },
  {
    name: "release a cart",
    method: "POST",
    path: (place) => `${cart(place)}/release`,
    body: () => ({}),
    callers: HOLDERS,
    isOwned: true,
    ok: 200,
  },
  {
    name: "confirm a cart",
    method: "POST",
    path: (place) => `${cart(place)}/confirm`,
    body: () => ({ orderId: "order-1" }),
    callers: SELLERS,
    ok: 200,
  },
];

const DROP_ROUTES: readonly Route[] = [
  {
    name: "create a drop",
    method: "POST",
    path: () => "/v1/drops",
    body: ({ fresh }) => ({ drop: `new-${crypto.randomUUID()}`, name: "Noon", skus: [fresh], perCustomerLimit: 1 }),
    callers: ["admin"],
    ok: 201,
  },
  { name: "read a drop", method: "GET", path: drop, callers: "anyone", ok: 200 },
  {
    name: "edit a drop",
    method: "PATCH",
    path: drop,
    body: () => ({ name: "Renamed" }),
    callers: ["admin"],
    ok: 200,
  },
];

const WAITLIST_ROUTES: readonly Route[] = [
  {
    name: "join",
    method: "POST",
    path: (place) => `/v1/skus/${place.empty}/waitlist`,
    body: ({ owner }) => ({ quantity: 1, customer: owner }),
    callers: ["shopper", "storefront"],
    ok: 201,
  },
  { name: "find an entry", method: "GET", path: entry, callers: HOLDERS, isOwned: true, ok: 200 },
  { name: "leave", method: "DELETE", path: entry, callers: HOLDERS, isOwned: true, ok: 204 },
];

/** Every route of the API that wants a token or takes one into account. */
export const ROUTES: readonly Route[] = [
  {
    name: "create",
    method: "POST",
    path: () => "/v1/skus",
    body: () => ({ sku: `new-${crypto.randomUUID()}`, name: "New shoe", stock: 3 }),
    callers: ["admin"],
    ok: 201,
  },
  { name: "list of SKUs", method: "GET", path: () => "/v1/skus", callers: ["admin"], ok: 200 },
  { name: "read", method: "GET", path: one, callers: "anyone", ok: 200 },
  {
    name: "me",
    method: "GET",
    path: (place) => `${one(place)}/me?customer=${place.owner}`,
    callers: ["shopper", "storefront"],
    ok: 200,
  },
  { name: "edit", method: "PATCH", path: one, body: () => ({ name: "Renamed" }), callers: ["admin"], ok: 200 },
  {
    name: "adjust",
    method: "POST",
    path: (place) => `${one(place)}/adjustments`,
    body: () => ({ delta: 1, reason: "found one" }),
    callers: ["admin"],
    needsKey: true,
    ok: 200,
  },
  {
    name: "reserve",
    method: "POST",
    path: (place) => `${one(place)}/reservations`,
    body: ({ owner }) => ({ quantity: 1, customer: owner }),
    callers: ["shopper", "storefront"],
    ok: 201,
  },
  { name: "find", method: "GET", path: hold, callers: HOLDERS, isOwned: true, ok: 200 },
  {
    name: "confirm",
    method: "POST",
    path: (place) => `${hold(place)}/confirm`,
    body: () => ({ orderId: "order-1" }),
    callers: SELLERS,
    ok: 200,
  },
  {
    name: "extend",
    method: "POST",
    path: (place) => `${hold(place)}/extend`,
    body: () => ({ ttlSeconds: 600 }),
    callers: HOLDERS,
    isOwned: true,
    ok: 200,
  },
  {
    name: "release",
    method: "POST",
    path: (place) => `${hold(place)}/release`,
    body: () => ({}),
    callers: HOLDERS,
    isOwned: true,
    ok: 200,
  },
  {
    name: "return",
    method: "POST",
    path: (place) => `${one(place)}/reservations/${place.soldId}/return`,
    body: () => ({ quantity: 1 }),
    callers: SELLERS,
    needsKey: true,
    ok: 200,
  },
  {
    name: "batch",
    method: "POST",
    path: (place) => `${one(place)}/batch`,
    body: ({ owner }) => ({ commands: [{ type: "reserve", quantity: 1, customer: owner }] }),
    callers: SELLERS,
    ok: 200,
  },
  { name: "list of reservations", method: "GET", path: () => "/v1/reservations", callers: HOLDERS, ok: 200 },
  {
    name: "movements",
    method: "GET",
    path: (place) => `${one(place)}/movements`,
    callers: ["admin"],
    ok: 200,
  },
  { name: "metrics", method: "GET", path: () => "/metrics", callers: ["admin"], ok: 200 },
  ...CART_ROUTES,
  ...DROP_ROUTES,
  ...WAITLIST_ROUTES,
];

export const BODY_ROUTES = ROUTES.filter(({ body }) => body !== undefined);
export const CLOSED_ROUTES = ROUTES.filter(({ callers }) => callers !== "anyone");

/** What a route is about, made anew for a customer of its own; without a route, what any of them is about. */
export async function newPlace(route?: Route): Promise<Place> {
  const isAbout = (member: keyof Place) => route === undefined || membersOf(route).has(member);
  const owner = `owner-${crypto.randomUUID()}`;
  const place = { ...NOWHERE, owner, sku: await newSku(20, { maxHoldSeconds: 3600 }) };
  if (isAbout("id")) place.id = await holdAt(place);
  if (isAbout("soldId")) place.soldId = await saleAt(place);
  if (isAbout("fresh")) place.fresh = await newSku(9);
  if (isAbout("empty")) place.empty = await newSku(0);
  if (isAbout("drop") || isAbout("cart") || isAbout("entry")) Object.assign(place, await newDrop(owner));
  return place;
}

const NOWHERE = {
  id: "none",
  soldId: "none",
  cart: "none",
  entry: "none",
  gone: "none",
  drop: "none",
  fresh: "none",
  empty: "none",
};

/** What the route's path and body name of a place. */
function membersOf(route: Route): ReadonlySet<keyof Place> {
  const named = new Set<keyof Place>();
  const place = new Proxy({} as Place, {
    get: (_place, member) => {
      named.add(member as keyof Place);
      return "";
    },
  });
  route.path(place);
  route.body?.(place);
  return named;
}

async function holdAt({ sku, owner }: Pick<Place, "sku" | "owner">): Promise<string> {
  const body = { customer: owner, quantity: 2, ttlSeconds: 60 };
  const held = await call("POST", `/v1/skus/${sku}/reservations`, { as: storefront, body });
  return String(held.body.id);
}

async function saleAt({ sku, owner }: Pick<Place, "sku" | "owner">): Promise<string> {
  const sold = await reserve(sku, owner);
  const path = `/v1/skus/${sku}/reservations/${sold.body.id}/confirm`;
  await call("POST", path, { as: storefront, headers: { Prefer: "wait=0" } });
  return String(sold.body.id);
}

/** A drop of a SKU that is sold out to its owner's cart, for more of which the owner waits. */
async function newDrop(owner: string): Promise<Pick<Place, "gone" | "drop" | "cart" | "entry">> {
  const gone = await newSku(1, { maxHoldSeconds: 3600 });
  const drop = `drop-${gone}`;
  await call("POST", "/v1/drops", { as: admin, body: { drop, name: "Noon", skus: [gone] } });
  const lines = [{ sku: gone, quantity: 1 }];
  const opened = await call("POST", "/v1/carts", { as: storefront, body: { customer: owner, ttlSeconds: 60, lines } });
  const waiting = { customer: owner, quantity: 1 };
  const joined = await call("POST", `/v1/skus/${gone}/waitlist`, { as: storefront, body: waiting });
  return { gone, drop, cart: String(opened.body.id), entry: String(joined.body.id) };
}

/** Somebody who may call the route: its storefront where it has one, else the admin. */
export function callerOf(route: Route): string {
  return route.callers !== "anyone" && route.callers.includes("storefront") ? storefront : admin;
}

/** The call as its caller makes it, with a fresh key. */
export function send(route: Route, place: Place, as: string | undefined, body: unknown = route.body?.(place)) {
  return call(route.method, route.path(place), {
    ...(as === undefined ? {} : { as }),
    ...(body === undefined ? {} : { body }),
    headers: route.method === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {},
  });
}
