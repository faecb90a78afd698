import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale } from "./object-sale.ts";

it("[WHK15] a private endpoint is called only where the settings allow it, which is judged before every try", async () => {
  const sale = await ObjectSale.open(9);
  await sale.recorded();
  const stub = env.WEBHOOK.getByName(crypto.randomUUID());
  const host = `${crypto.randomUUID()}.internal`;
  const plan = { url: `http://${host}:9000/hook`, events: ["*" as const], skus: [sale.name] };
  expect((await stub.create(plan, "")).outcome).toMatchObject({ ok: false, refusal: { code: "invalid-request" } });
  await runInDurableObject(stub, (instance) => {
    Object.assign(instance, { env: { ...env, PRIVATE_WEBHOOKS: "true" } });
  });
  expect((await stub.create(plan, "")).outcome).toMatchObject({ ok: true, webhook: { url: plan.url } });
  await sale.hold();
  await sale.recorded();
  await stub.wake();
  await vi.waitFor(async () => expect((await stub.deliveries({}, null, 9))?.[0]?.status).toBe("delivered"));
  // The next instance goes by the settings of the service again.
  await evictDurableObject(stub);
  await sale.hold();
  await sale.recorded();
  await runDurableObjectAlarm(stub);
  await vi.waitFor(async () => expect((await stub.deliveries({}, null, 9))?.[0]?.attempts).toBe(1));
  const [refused] = (await stub.deliveries({}, null, 9)) ?? [];
  expect(refused).toMatchObject({ status: "pending", lastAttempt: { status: null, error: "url: https only" } });
  expect(await env.RECEIVER.calls(host)).toHaveLength(1);
});
