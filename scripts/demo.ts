const conflict = 409;

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
  policy: limited,
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
  for (const sku of [...demoSkus, laces]) await create(`${url}/v1/skus`, adminToken, sku, "sku-exists");
  const isNew = await create(`${url}/v1/drops`, adminToken, demoDrop, "drop-exists", "drop-in-use");
  const [first, last] = [demoSkus[0]?.sku, demoSkus.at(-1)?.sku];
  return `${demoDrop.drop} of ${first} to ${last}, ${isNew ? "all units free" : "as it was left"}`;
}

/** Creates something; false when it is there already, or what is there is in use and stays as it is. */
async function create(url: string, adminToken: string, body: unknown, ...fine: string[]): Promise<boolean> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status === 201) return true;
  if (response.status === conflict && fine.some((code) => text.includes(code))) return false;
  throw new Error(`Seeding the demo failed: ${response.status} ${text}`);
}
