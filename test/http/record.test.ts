import { describe, expect, it } from "vitest";
import { call, newSku, reserve, storefront } from "../client.ts";
import { callerOf, newPlace, ROUTES } from "./routes.ts";

describe("Prefer: wait", () => {
  it.each(ROUTES.filter(({ body }) => body !== undefined))(
    "[REC5] makes $name answer when D1 has it",
    async (route) => {
      const place = await newPlace(route);
      const answer = await call(route.method, route.path(place), {
        as: callerOf(route),
        body: route.body?.(place),
        headers: { Prefer: "wait=10", ...(route.needsKey ? { "Idempotency-Key": "k" } : {}) },
      });
      expect(answer.status).toBe(route.ok);
      expect(answer.headers.get("Holdfast-Recorded")).toBe("d1");
      expect(answer.headers.get("Preference-Applied")).toBe("wait=10");
    },
  );

  it.each([
    ["wait=5", "wait=5"],
    ["wait=0", "wait=0"],
    ["wait=11", "wait=10"],
    ["wait=999999999", "wait=10"],
    ["respond-async, wait=2", "wait=2"],
    ["WAIT=2", "wait=2"],
    ["wait=2; foo", "wait=2"],
    ["return=minimal,wait=2", "wait=2"],
  ])("[REC5] of %s is applied as %s", async (prefer, applied) => {
    const answer = await reserve(await newSku(3), "ann", 1, { Prefer: prefer });
    expect(answer.headers.get("Preference-Applied")).toBe(applied);
    expect(["d1", "object"]).toContain(answer.headers.get("Holdfast-Recorded"));
  });

  it("[REC5] of zero does not wait, and without it only a confirmation does", async () => {
    const sku = await newSku(3);
    const hurried = await reserve(sku, "ann", 1, { Prefer: "wait=0" });
    expect(hurried.headers.get("Holdfast-Recorded")).toBe("object");
    const path = `/v1/skus/${sku}/reservations/${hurried.body.id}/confirm`;
    const confirmed = await call("POST", path, { as: storefront });
    expect(confirmed.headers.get("Holdfast-Recorded")).toBe("d1");
    expect(confirmed.headers.get("Preference-Applied")).toBeNull();
  });

  it("[REC5] tells where a repeated call's effect is by now", async () => {
    const sku = await newSku(3);
    const first = await reserve(sku, "ann", 1, { "Idempotency-Key": "k", Prefer: "wait=0" });
    const again = await reserve(sku, "ann", 1, { "Idempotency-Key": "k", Prefer: "wait=10" });
    expect([first, again].map(({ headers }) => headers.get("Holdfast-Recorded"))).toEqual(["object", "d1"]);
    expect(again.body).toEqual(first.body);
  });

  it("[REC1] is not needed: D1 gets it all the same", async () => {
    const sku = await newSku(3);
    const { id } = (await reserve(sku, "ann", 1, { Prefer: "wait=0" })).body;
    const listed = async () => (await call("GET", `/v1/reservations?sku=${sku}`, { as: storefront })).body.items;
    await expect.poll(listed, { timeout: 5000 }).toMatchObject([{ id }]);
  });
});
