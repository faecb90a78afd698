import { z } from "zod";
import { deliveryPage, type deliveryView, newWebhookView } from "../../../src/contracts/webhook.ts";
import { type Api, must, type Tokens } from "../crowd/api.ts";
import { Random } from "../crowd/random.ts";
import { readPages } from "../record/pages.ts";
import type { CloudEvent } from "./cloud-event.ts";
import { type Logged, newestPosition, readLog } from "./log.ts";
import { Receiver } from "./receiver.ts";

/** After the last hold has ended: a webhook that was not told of news looks by itself once a minute. */
const arriveMs = 90_000;
/** The log is complete when it has not grown for so long. */
const quietMs = 2500;
const pollMs = 250;
const pageSize = 200;
/** Sets the receiver's chance apart from that of the crowd. */
const receiverSeed = 0xca11;

export type Delivery = z.infer<typeof deliveryView>;

/** What follows the log beside the rehearsal. */
export type Following = {
  receiver: Receiver;
  /** The webhook's id; null: the service will not call this machine, and why. */
  webhook: string | null;
  whyNot: string;
  /** Nothing up to this position is of this rehearsal. */
  after: number;
};

/** Has everything that happens from now on told to a receiver on this machine, if the service does such a thing. */
export async function followEvents(api: Api, tokens: Tokens, seed: number): Promise<Following> {
  const receiver = await Receiver.start(new Random(seed, receiverSeed));
  const body = { url: receiver.url, events: ["*"] };
  const call = { kind: null, method: "POST", path: "/v1/webhooks", token: tokens.admin, body } as const;
  try {
    const answer = await api.call({ ...call, answer: newWebhookView });
    // What others did until now, while the webhook was being made, it may get or not.
    const after = await newestPosition(api, tokens);
    if (!answer.ok && answer.problem.code === "not-found")
      return { receiver, webhook: null, whyNot: "the service has no webhooks", after };
    if (!answer.ok && answer.problem.code === "invalid-request") {
      const whyNot = `the service has not set PRIVATE_WEBHOOKS to "true": ${answer.problem.detail}`;
      return { receiver, webhook: null, whyNot, after };
    }
    const { id, secret } = must(answer).body;
    receiver.trust(secret);
    return { receiver, webhook: id, whyNot: "", after };
  } catch (error) {
    receiver.stop();
    throw error;
  }
}

/** What the log has, and what had arrived when it was read: everything that arrives was in the log before. */
export type Followed = { log: Logged[]; arrived: CloudEvent[] };

/** Waits until all that the log has was taken by the receiver, but not for ever. */
export async function waitForEvents(
  api: Api,
  tokens: Tokens,
  { receiver, webhook, after }: Following,
  onLook: (missing: number) => void,
): Promise<Followed> {
  const { inbox } = receiver;
  const deadline = Date.now() + arriveMs;
  const log: Logged[] = [];
  for (let grewAt = Date.now(); ; ) {
    const arrived = [...inbox.events.values()].filter(({ data }) => data.position > after);
    const more = await readLog(api, tokens, log.at(-1)?.position ?? after);
    if (more.length > 0) grewAt = Date.now();
    log.push(...more);
    const missing = webhook === null ? 0 : log.filter(({ id }) => !inbox.hasTaken(id)).length;
    onLook(missing);
    const isComplete = missing === 0 && Date.now() > grewAt + quietMs;
    if (isComplete || Date.now() > deadline) return { log, arrived };
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** What the webhook itself says of its deliveries. */
export async function readDeliveries(api: Api, tokens: Tokens, { webhook }: Following): Promise<Delivery[]> {
  if (webhook === null) return [];
  return readPages(api, `/v1/webhooks/${webhook}/deliveries?limit=${pageSize}`, tokens.admin, deliveryPage);
}

/** Leaves nothing behind that would go on calling this machine. */
export async function stopFollowing(api: Api, tokens: Tokens, { receiver, webhook }: Following): Promise<void> {
  const call = { kind: null, method: "DELETE", token: tokens.admin, answer: z.unknown() } as const;
  try {
    if (webhook !== null) await api.call({ ...call, path: `/v1/webhooks/${webhook}` });
  } finally {
    receiver.stop();
  }
}
