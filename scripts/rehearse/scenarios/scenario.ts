import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { type policyPatch, trustedSku } from "../../../src/contracts/sku.ts";
import type { Check, Evidence, Probed } from "../audit/evidence.ts";
import { type Accepted, type Api, must, type Tokens } from "../crowd/api.ts";
import type { Crowd } from "../crowd/crowd.ts";
import type { Sale } from "../crowd/sale.ts";
import type { Shopper } from "../crowd/shopper.ts";
import type { Feed } from "../crowd/watcher.ts";
import type { Kill } from "../kills.ts";

/** What is rehearsed: all that two rehearsals differ in. */
export type Scenario = {
  /** How many come and how many units there are of what is limited, when nothing else is said. */
  usual: { shoppers: number; stock: number };
  callsAtOnceMax: number;
  /** Puts everything up for sale, opening `leadMs` from now by the service's clock. */
  announce: (api: Api, adminToken: string, units: number, leadMs: number) => Promise<Sale>;
  crowd: Crowd;
  feed: Feed;
  /** How many of the customers watch from before the opening to the end. */
  watching: (customers: number) => number;
  /** How long the last frames may take. */
  convergeMs: number;
  kills: readonly Kill[];
  /** What shoppers try when all is over, before the record is read. */
  probe: ((api: Api, sale: Sale, tokens: Tokens, shoppers: readonly Shopper[]) => Promise<Probed>) | null;
  /** The promises that it has to keep. */
  checks: readonly ((evidence: Evidence) => Check)[];
};

/** A name that no other rehearsal has. */
export function newName(): string {
  return `rehearsal-${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;
}

export async function createSku(
  api: Api,
  token: string,
  sku: string,
  stock: number,
  policy: z.infer<typeof policyPatch>,
): Promise<Accepted<z.infer<typeof trustedSku>>> {
  const body = { sku, name: "Rehearsal", stock, policy };
  return must(await api.call({ kind: null, method: "POST", path: "/v1/skus", token, body, answer: trustedSku }));
}
