const conflict = 409;

/** A shoe in four sizes: one that is gone in a moment, two that run low, one for everybody. */
const demoSkus = [
  { sku: "demo-shoe-40", name: "Demo shoe, size 40", stock: 3 },
  { sku: "demo-shoe-41", name: "Demo shoe, size 41", stock: 20 },
  { sku: "demo-shoe-42", name: "Demo shoe, size 42", stock: 500 },
  { sku: "demo-shoe-43", name: "Demo shoe, size 43", stock: 40 },
];
const demoDrop = { drop: "demo-drop", name: "Demo drop", skus: demoSkus.map(({ sku }) => sku), perCustomerLimit: 2 };

/** Puts the demo drop on sale unless it exists already; answers with a line that says how that went. */
export async function seedDemo(url: string, adminToken: string): Promise<string> {
  for (const sku of demoSkus) await create(`${url}/v1/skus`, adminToken, sku, "sku-exists");
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
