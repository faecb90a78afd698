const demoSku = { sku: "demo-shoe-42", name: "Demo shoe, size 42", stock: 500 };
const conflict = 409;

/** Puts the demo SKU on sale unless it exists already; answers with a line that says how that went. */
export async function seedDemo(url: string, adminToken: string): Promise<string> {
  const response = await fetch(`${url}/v1/skus`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify(demoSku),
  });
  const body = await response.text();
  if (response.status === 201) return `${demoSku.sku}, ${demoSku.stock} units`;
  if (response.status === conflict && body.includes("sku-exists")) return `${demoSku.sku}, as it was left`;
  throw new Error(`Seeding the demo SKU failed: ${response.status} ${body}`);
}
