/** A SKU nobody has touched since it was created. */
const asCreated = { "if-match": '"1"' };

/** Short enough to see a hold end while one watches, and to be asked whether more time is needed. */
const policy = { holdTtlSeconds: 120, maxHoldSeconds: 300, offerTtlSeconds: 120, warnSeconds: 60 };
const limited = { ...policy, lowStockThreshold: 5, displayCap: 25 };

/** A shoe in six sizes, one of them a single pair that is gone in a moment, and laces that go with it. */
const sizes = [
  { size: 39, stock: 12 },
  { size: 40, stock: 3 },
  { size: 41, stock: 1 },
  { size: 42, stock: 60 },
  { size: 43, stock: 5 },
  { size: 44, stock: 24 },
];
const demoSkus = sizes.map(({ size, stock }) => ({
  sku: `demo-shoe-${size}`,
  name: `Low Tide 01, EU ${size}`,
  stock,
  // Nobody may be early: a unit that is held or sold would keep its size out of the drop.
  policy: { ...limited, paused: true },
}));
/** Not in the drop, whose limit of one would otherwise make anybody choose between a pair and its laces. */
const laces = {
  sku: "demo-drop-laces",
  name: "Waxed laces, 120 cm",
  stock: 40,
  policy: { ...policy, perCustomerLimit: 2 },
};
const demoDrop = {
  drop: "demo-drop",
  name: "Low Tide 01",
  skus: demoSkus.map(({ sku }) => sku),
  perCustomerLimit: 1,
};

/** Puts the demo drop on sale unless it exists already; answers with a line that says how that went. */
export async function seedDemo(url: string, adminToken: string): Promise<string> {
  const send = createSend(url, adminToken);
  for (const sku of [...demoSkus, laces]) await send("POST", "/v1/skus", sku, "sku-exists");
  const isNew = await send("POST", "/v1/drops", demoDrop, "drop-exists");
  // Also where an earlier run got no further, but not what somebody has paused since.
  for (const { sku } of demoSkus)
    await send("PATCH", `/v1/skus/${sku}`, { policy: { paused: false } }, "version-mismatch", asCreated);
  const [first, last] = [demoSkus[0]?.sku, demoSkus.at(-1)?.sku];
  return `${demoDrop.drop} of ${first} to ${last}, ${isNew ? "all units free" : "as it was left"}`;
}

/** Sends a change; false when the service says by this code that there is nothing left to do. */
function createSend(url: string, adminToken: string) {
  return async (method: string, path: string, body: unknown, done: string, headers = {}): Promise<boolean> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok) return true;
    if (text.includes(`"code":"${done}"`)) return false;
    throw new Error(`Seeding the demo failed: ${response.status} ${text}`);
  };
}
