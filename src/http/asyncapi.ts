import { z } from "zod";
import {
  clientFrame,
  errorFrame,
  LIVE_PROTOCOL,
  liveQuery,
  pongFrame,
  reservationFrame,
  snapshotFrame,
  stockFrame,
  waitlistFrame,
} from "../contracts/live.ts";

const SERVER_FRAMES = { stockFrame, snapshotFrame, reservationFrame, waitlistFrame, errorFrame, pongFrame };

/** The live protocol as an AsyncAPI 3.0 document, made from the schemas of its frames. */
export function asyncApiDocument(): Record<string, unknown> {
  const frames: Record<string, z.ZodType> = { ...SERVER_FRAMES, clientFrame };
  const messages = Object.fromEntries(Object.entries(frames).map(([name, schema]) => [name, messageOf(schema)]));
  const references = Object.fromEntries(
    Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
  );
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Holdfast live feed",
      version: "1.0.0",
      description: `Offer the subprotocol \`${LIVE_PROTOCOL}\`, and beside it \`bearer.<jwt>\` for your own channel. Frames are JSON text.`,
    },
    channels: {
      live: {
        address: "/v1/skus/{sku}/live",
        description: "One SKU; stock at most 10 times a second.",
        parameters: { sku: { description: "Name of the SKU" } },
        messages: references,
        bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
      },
      liveOfSeveral: {
        address: "/v1/live",
        description: "Several SKUs on one socket, `sku` once for each; stock at most 4 times a second for each.",
        messages: references,
        bindings: { ws: { method: "GET", query: z.toJSONSchema(liveQuery), bindingVersion: "0.1.0" } },
      },
    },
    operations: {
      watch: operation("send", "live", Object.keys(SERVER_FRAMES)),
      watchSeveral: operation("send", "liveOfSeveral", Object.keys(SERVER_FRAMES)),
      ping: operation("receive", "live", ["clientFrame"]),
      pingOfSeveral: operation("receive", "liveOfSeveral", ["clientFrame"]),
    },
    components: { messages },
  };
}

function operation(
  action: "send" | "receive",
  channel: "live" | "liveOfSeveral",
  names: readonly string[],
): Record<string, unknown> {
  const messages = names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
  return { action, channel: { $ref: `#/channels/${channel}` }, messages };
}

function messageOf(schema: z.ZodType): Record<string, unknown> {
  // With an empty registry no schema has a name, so that each payload is complete without references.
  const { $schema: _dialect, ...payload } = z.toJSONSchema(schema, { metadata: z.registry() });
  return { contentType: "application/json", summary: schema.description ?? "", payload };
}
