import { env } from "cloudflare:workers";
import type { Body, Role } from "../client.ts";
import type { Recorder } from "./recorder.ts";

const ADMIN: [Role, string] = ["admin", "mira"];
const SHOP: [Role, string] = ["storefront", "shop"];
const ADA: [Role, string] = ["shopper", "ada"];

const SHOE = { sku: "aurora-42" };
const OTHER = { sku: "aurora-43" };
const RARE = { sku: "nova-40" };

/** One sale that calls every operation and meets every refusal that the rules can cause. */
export async function tell(recorder: Recorder): Promise<void> {
  await putUpForSale(recorder);
  await sell(recorder);
  await failToAsk(recorder);
  await tellOthers(recorder);
  await lookBack(recorder);
  await analyze(recorder);
  // The lines of carts are recorded after the call, at any time: positions in the log differ from here on.
  await sellCarts(recorder);
  await announceDrop(recorder);
  await waitForUnits(recorder);
}

async function putUpForSale(recorder: Recorder): Promise<void> {
  const policy = { holdTtlSeconds: 900, perCustomerLimit: 2, displayCap: 10 };
  await recorder.example("createSku", { as: ADMIN, body: { ...SHOE, name: "Aurora, size 42", stock: 120, policy } });
  await recorder.refusal("sku-exists", "createSku", { as: ADMIN, body: { ...SHOE, name: "Aurora", stock: 1 } });
  await recorder.make("createSku", { as: ADMIN, body: { ...OTHER, name: "Aurora, size 43", stock: 40 } });
  await recorder.make("createSku", { as: ADMIN, body: { ...RARE, name: "Nova, size 40", stock: 1 } });
  const edit = { as: ADMIN, of: SHOE, headers: { "If-Match": '"1"' } };
  await recorder.example("patchSku", { ...edit, body: { policy: { lowStockThreshold: 8 } } });
  await recorder.refusal("version-mismatch", "patchSku", { ...edit, body: { name: "Aurora" } });
  await recorder.example("adjustSku", {
    ...{ as: ADMIN, of: SHOE, body: { delta: 30, reason: "Second delivery" } },
    headers: { "Idempotency-Key": "delivery-2" },
  });
  await recorder.refusal("stock-in-use", "adjustSku", {
    ...{ as: ADMIN, of: SHOE, body: { delta: -200, reason: "Recall" } },
    headers: { "Idempotency-Key": "recall" },
  });
  await recorder.example("readSku", { of: SHOE });
}

async function sell(recorder: Recorder): Promise<void> {
  const hold = { as: SHOP, of: SHOE, body: { quantity: 2, customer: "ada", metadata: { channel: "web" } } };
  const headers = { "Idempotency-Key": "checkout-1001" };
  const { id } = (await recorder.example("reserve", { ...hold, headers })).body;
  const ada = { as: SHOP, of: { ...SHOE, id } };
  const changed = { ...hold, body: { quantity: 1, customer: "ada" } };
  await recorder.refusal("idempotency-key-reused", "reserve", { ...changed, headers });
  await recorder.refusal("limit-exceeded", "reserve", changed);
  await recorder.refusal("insufficient-stock", "reserve", {
    as: SHOP,
    of: RARE,
    body: { quantity: 2, customer: "ben" },
  });
  await recorder.example("readReservation", ada);
  await recorder.example("readOwn", { as: ADA, of: SHOE });
  await recorder.refusal("not-confirmed", "returnReservation", {
    ...ada,
    body: {},
    headers: { "Idempotency-Key": "r0" },
  });
  await recorder.example("extendReservation", { ...ada, body: { ttlSeconds: 1200 } });
  await recorder.refusal("extension-limit", "extendReservation", { ...ada, body: { ttlSeconds: 60 } });
  await recorder.example("confirmReservation", { ...ada, body: { orderId: "order-1001" } });
  await recorder.refusal("already-confirmed", "confirmReservation", { ...ada, body: { orderId: "order-1002" } });
  const back = { ...ada, body: { quantity: 1, restock: true } };
  await recorder.example("returnReservation", { ...back, headers: { "Idempotency-Key": "return-1001" } });
  await recorder.refusal("nothing-to-return", "returnReservation", {
    ...{ ...ada, body: { quantity: 2 } },
    headers: { "Idempotency-Key": "return-1002" },
  });
  const bens = await recorder.make("reserve", { as: SHOP, of: SHOE, body: { quantity: 1, customer: "ben" } });
  const ben = { as: SHOP, of: { ...SHOE, id: bens.body.id } };
  await recorder.example("releaseReservation", { ...ben, body: { reason: "payment" } });
  await recorder.refusal("already-released", "confirmReservation", { ...ben, body: { orderId: "order-1003" } });
  const commands = [
    { type: "reserve", customer: "cleo", quantity: 1 },
    { type: "reserve", customer: "ada", quantity: 2 },
  ];
  await recorder.example("batch", { as: SHOP, of: SHOE, body: { commands } });
}

async function sellCarts(recorder: Recorder): Promise<void> {
  const lines = [
    { ...SHOE, quantity: 1 },
    { ...OTHER, quantity: 2 },
  ];
  const { id, lines: held } = (await recorder.example("openCart", { as: SHOP, body: { customer: "dora", lines } }))
    .body;
  const cart = { as: SHOP, of: { id } };
  const [line] = held as Body[];
  await recorder.example("readCart", cart);
  await recorder.refusal("part-of-cart", "confirmReservation", {
    ...{ as: SHOP, of: { ...SHOE, id: line?.reservation }, body: {} },
  });
  await recorder.example("extendCart", { ...cart, body: { ttlSeconds: 1200 } });
  await recorder.example("confirmCart", { ...cart, body: { orderId: "order-1010" } });
  const other = await recorder.make("openCart", { as: SHOP, body: { customer: "emil", lines } });
  await recorder.example("releaseCart", { as: SHOP, of: { id: other.body.id }, body: {} });
  await recorder.refusal("cart-not-held", "openCart", {
    ...{ as: SHOP, body: { customer: "fay", lines: [...lines, { ...RARE, quantity: 2 }] } },
  });
}

async function announceDrop(recorder: Recorder): Promise<void> {
  const skus = ["comet-41", "comet-42"];
  for (const sku of skus) await recorder.make("createSku", { as: ADMIN, body: { sku, name: "Comet", stock: 50 } });
  const plan = { name: "Comet at noon", skus, opensAt: "2030-06-02T12:00:00Z", perCustomerLimit: 1 };
  const of = { drop: "comet-noon" };
  await recorder.example("createDrop", { as: ADMIN, body: { ...of, ...plan } });
  await recorder.refusal("drop-exists", "createDrop", { as: ADMIN, body: { ...of, ...plan, skus: ["comet-41"] } });
  await recorder.refusal("drop-in-use", "createDrop", { as: ADMIN, body: { drop: "second", name: "Second", skus } });
  const hold = { as: SHOP, of: { sku: "comet-41" }, body: { quantity: 1, customer: "ada" } };
  await recorder.refusal("not-open", "reserve", hold);
  await recorder.example("patchDrop", { as: ADMIN, of, body: { opensAt: null, closesAt: "2030-06-02T20:00:00Z" } });
  await recorder.example("readDrop", { of });
  await recorder.make("patchDrop", { as: ADMIN, of, body: { paused: true } });
  await recorder.refusal("paused", "reserve", hold);
  await recorder.make("patchDrop", { as: ADMIN, of, body: { paused: false, closesAt: "2030-06-01T12:00:00Z" } });
  await recorder.refusal("closed", "reserve", hold);
}

async function waitForUnits(recorder: Recorder): Promise<void> {
  const join = { as: SHOP, of: RARE, body: { quantity: 1, customer: "gil" } };
  await recorder.refusal("stock-available", "joinWaitlist", join);
  const rare = await recorder.make("reserve", { as: SHOP, of: RARE, body: { quantity: 1, customer: "hana" } });
  const { id } = (await recorder.example("joinWaitlist", join)).body;
  await recorder.refusal("already-waiting", "joinWaitlist", join);
  const entry = { as: SHOP, of: { ...RARE, id } };
  await recorder.example("readWaitlistEntry", entry);
  await recorder.example("leaveWaitlist", entry);
  recorder.pass(900);
  await recorder.make("reserve", { as: SHOP, of: RARE, body: { quantity: 1, customer: "ivo" } });
  await recorder.refusal("hold-expired", "confirmReservation", {
    ...{ as: SHOP, of: { ...RARE, id: rare.body.id }, body: { orderId: "order-1020" } },
  });
}

async function lookBack(recorder: Recorder): Promise<void> {
  await recorder.example("listSkus", { as: ADMIN, query: { limit: "2" } });
  await recorder.example("listReservations", { as: SHOP, query: { customer: "ada" } });
  await recorder.example("listEvents", { as: SHOP, query: { sku: SHOE.sku, after: "3", limit: "2" } });
  await recorder.example("listMovements", { as: ADMIN, of: SHOE, query: { limit: "2" } });
  await recorder.example("readHealth");
  await recorder.example("readReadiness");
  await recorder.example("readMetrics", { as: ADMIN });
}

/** Without refusals, which are counted at any time within two seconds. */
async function analyze(recorder: Recorder): Promise<void> {
  const [of, drop] = [{ sku: "zephyr-44" }, { drop: "zephyr" }];
  await recorder.make("createSku", { as: ADMIN, body: { ...of, name: "Zephyr, size 44", stock: 10 } });
  await recorder.make("createDrop", { as: ADMIN, body: { ...drop, name: "Zephyr", skus: [of.sku] } });
  const hold = (customer: string, quantity: number) =>
    recorder.make("reserve", { as: SHOP, of, body: { quantity, customer } });
  const [ada, ben] = [await hold("ada", 3), await hold("ben", 1)];
  recorder.pass(20);
  await recorder.make("confirmReservation", {
    as: SHOP,
    of: { ...of, id: ada.body.id },
    body: { orderId: "order-2001" },
  });
  await recorder.make("releaseReservation", { as: SHOP, of: { ...of, id: ben.body.id }, body: {} });
  const query = { from: "2030-06-01T12:00:00Z", to: "2030-06-01T13:00:00Z", bucketSeconds: "3600" };
  await recorder.example("readSkuAnalytics", { as: SHOP, of, query });
  await recorder.example("readDropAnalytics", { as: SHOP, of: drop, query });
}

async function tellOthers(recorder: Recorder): Promise<void> {
  const plan = { url: "https://shop.example/holdfast", events: ["reservation.confirmed"], skus: [SHOE.sku] };
  await env.RECEIVER.plan("shop.example", [{ status: 204 }]);
  const { id } = (await recorder.example("createWebhook", { as: ADMIN, body: plan })).body;
  const webhook = { as: ADMIN, of: { id } };
  await sellOne(recorder, "joel");
  const [delivery] = await recorder.eventually(async () => {
    const { items } = (await recorder.make("listDeliveries", webhook)).body as { items: Body[] };
    return items.every(({ status }) => status === "delivered") ? items : [];
  });
  await recorder.example("listDeliveries", webhook);
  await recorder.example("readWebhook", webhook);
  await recorder.example("listWebhooks", { as: ADMIN });
  await recorder.example("redeliver", { as: ADMIN, of: { id, delivery: delivery?.id }, body: {} });
  await env.RECEIVER.plan("shop.example", [{ status: 410 }]);
  await sellOne(recorder, "kim");
  await recorder.eventually(async () => {
    const { body } = await recorder.make("readWebhook", webhook);
    return body.status === "stopped" ? [body] : [];
  });
  await recorder.refusal("webhook-stopped", "redeliver", { as: ADMIN, of: { id, delivery: delivery?.id }, body: {} });
  await recorder.example("redeliverSince", { ...webhook, body: { since: "2030-06-01T12:00:00Z" } });
  await recorder.example("rotateWebhook", { ...webhook, body: {} });
  for (let secrets = 2; secrets < 10; secrets++) await recorder.make("rotateWebhook", { ...webhook, body: {} });
  await recorder.refusal("too-many-secrets", "rotateWebhook", { ...webhook, body: {} });
  await recorder.example("deleteWebhook", webhook);
}

async function sellOne(recorder: Recorder, customer: string): Promise<void> {
  const hold = await recorder.make("reserve", { as: SHOP, of: SHOE, body: { quantity: 1, customer } });
  const of = { ...SHOE, id: hold.body.id };
  await recorder.make("confirmReservation", { as: SHOP, of, body: { orderId: `order-of-${customer}` } });
}

async function failToAsk(recorder: Recorder): Promise<void> {
  const hold = { as: ADA, of: SHOE };
  await recorder.refusal("invalid-request", "reserve", { ...hold, body: { quantity: 0 } });
  await recorder.refusal("unauthenticated", "reserve", { of: SHOE, body: { quantity: 1 } });
  await recorder.refusal("forbidden", "reserve", { ...hold, body: { quantity: 1, customer: "ben" } });
  await recorder.refusal("not-found", "readSku", { of: { sku: "no-such-sku" } });
  await recorder.refusal("body-too-large", "reserve", { ...hold, body: `"${"x".repeat(70_000)}"` });
  const headers = { "Content-Type": "text/plain" };
  await recorder.refusal("unsupported-media-type", "reserve", { ...hold, body: "one pair", headers });
}
