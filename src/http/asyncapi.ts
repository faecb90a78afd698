import { z } from "zod";
import {
  clientFrame,
  errorFrame,
  LIVE_PROTOCOL,
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
        parameters: { sku: { description: "Name of the SKU" } },
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
      },
    },
    operations: {
      watch: operation("send", Object.keys(SERVER_FRAMES)),
      ping: operation("receive", ["clientFrame"]),
    },
    components: { messages },
  };
}

function operation(action: "send" | "receive", names: readonly string[]): Record<string, unknown> {
  const messages = names.map((name) => ({ $ref: `#/channels/live/messages/${name}` }));
  return { action, channel: { $ref: "#/channels/live" }, messages };
}

function messageOf(schema: z.ZodType): Record<string, unknown> {
  // With an empty registry no schema has a name of its own, so that each payload is whole and refers to nothing.
  const { $schema: _dialect, ...payload } = z.toJSONSchema(schema, { metadata: z.registry() });
  return { contentType: "application/json", summary: schema.description ?? "", payload };
}
