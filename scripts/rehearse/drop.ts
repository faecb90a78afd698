import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { type policyView, trustedSku } from "../../src/contracts/sku.ts";
import type { Accepted, Api, ApiResult } from "./api.ts";
import { ServerClock } from "./server-clock.ts";

const farFuture = "2100-01-01T00:00:00.000Z";

/** Short enough that holds lapse while everybody watches, with room to extend, to pay late and to want too much. */
const terms = {
  holdTtlSeconds: 4,
  maxHoldSeconds: 10,
  warnSeconds: 1,
  lateConfirmSeconds: 3600,
  reholdSeconds: 1,
  perCustomerLimit: 2,
  maxPerReservation: 3,
  lowStockThreshold: 5,
} satisfies Partial<z.infer<typeof policyView>>;

/** The SKU of one rehearsal. Times are the service's, in milliseconds. */
export type Drop = {
  sku: string;
  stock: number;
  terms: typeof terms;
  opensAt: number;
  clock: ServerClock;
  /** The version with which the opening time was set: the next event can only be the opening. */
  scheduledVersion: number;
};

/** Puts a SKU of its own up for sale, opening `leadMs` from now by the service's clock. */
export async function announceDrop(api: Api, adminToken: string, stock: number, leadMs: number): Promise<Drop> {
  const sku = `rehearsal-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
  const created = must(
    await api.call({
      kind: null,
      method: "POST",
      path: "/v1/skus",
      token: adminToken,
      body: { sku, name: "Rehearsal", stock, policy: { ...terms, opensAt: farFuture } },
      answer: trustedSku,
    }),
  );
  // Its creation tells the service's clock; only then can an opening on that clock be named.
  const clock = new ServerClock(created.sentAt, created.answeredAt, Date.parse(created.body.updatedAt));
  const opensAt = Math.ceil(clock.now() + leadMs);
  const scheduled = must(
    await api.call({
      kind: null,
      method: "PATCH",
      path: `/v1/skus/${sku}`,
      token: adminToken,
      body: { policy: { opensAt: new Date(opensAt).toISOString() } },
      answer: trustedSku,
    }),
  );
  return { sku, stock, terms, opensAt, clock, scheduledVersion: scheduled.body.version };
}

/** The answer, which has to be a success because nothing can be rehearsed without it. */
export function must<Body>(answer: ApiResult<Body>): Accepted<Body> {
  if (answer.ok) return answer;
  const { code, detail = "" } = answer.problem;
  throw new Error(`the service refused what the rehearsal needs: ${answer.status} ${code} ${detail}`);
}
