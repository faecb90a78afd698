import { z } from "zod";
import {
  clientFrame,
  errorFrame,
  LIVE_OF_ONE,
  LIVE_OF_SEVERAL,
  LIVE_PROTOCOL,
  liveQuery,
  pongFrame,
  reservationFrame,
  snapshotFrame,
  stockFrame,
  waitlistFrame,
} from "../contracts/live.ts";
import { CONTACT, LICENSE } from "./about.ts";

const SERVER_FRAMES = { stockFrame, snapshotFrame, reservationFrame, waitlistFrame, errorFrame, pongFrame };

const DESCRIPTION = `Stock of one or several SKUs, pushed over a WebSocket. Frames are JSON text.

Offer the subprotocol \`${LIVE_PROTOCOL}\`. A token is optional: offer it as \`bearer.<jwt>\` beside the subprotocol, or send it in
\`Authorization\`. A shopper's token adds frames about the customer's own reservations and waitlist entries. An upgrade that is refused
gets a problem document, as described in [/openapi.json](/openapi.json): \`invalid-request\`, \`unauthenticated\`, \`forbidden\`,
\`not-found\`, \`rate-limited\`, \`overloaded\` or \`unavailable\`.`;

/** The live protocol as an AsyncAPI 3.1 document, generated from the schemas of its frames. */
export function asyncApiDocument(): Record<string, unknown> {
  const frames: Record<string, z.ZodType> = { ...SERVER_FRAMES, clientFrame };
  const messages = Object.fromEntries(Object.entries(frames).map(([name, schema]) => [name, messageOf(schema)]));
  const references = Object.fromEntries(
    Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
  );
  return {
    asyncapi: "3.1.0",
    info: {
      title: "Holdfast live feed",
      version: "1.0.0",
      description: DESCRIPTION,
      license: LICENSE,
      contact: CONTACT,
      tags: [{ name: "Live stock", description: "Stock, reservations and waitlist entries as they change." }],
    },
    servers: { local: { host: "localhost:8787", protocol: "ws", description: "Started with `npm start`." } },
    defaultContentType: "application/json",
    channels: {
      live: {
        address: LIVE_OF_ONE,
        description: "One SKU; stock at most 10 times a second.",
        parameters: { sku: { description: "Name of the SKU" } },
        messages: references,
        bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
      },
      liveOfSeveral: {
        address: LIVE_OF_SEVERAL,
        description:
          "Several SKUs on one socket, one `sku` parameter for each; stock of each at most 4 times a second.",
        messages: references,
        bindings: { ws: { method: "GET", query: schemaOf(liveQuery), bindingVersion: "0.1.0" } },
      },
    },
    operations: {
      watchSku: operation("send", "live", "Frames about the SKU", Object.keys(SERVER_FRAMES)),
      watchSkus: operation("send", "liveOfSeveral", "Frames about all SKUs of the socket", Object.keys(SERVER_FRAMES)),
      ping: operation("receive", "live", "The only frame that a client may send", ["clientFrame"]),
      pingOfSeveral: operation("receive", "liveOfSeveral", "The only frame that a client may send", ["clientFrame"]),
    },
    components: { messages, schemas: namedSchemas(Object.values(frames)) },
  };
}

function operation(
  action: "send" | "receive",
  channel: "live" | "liveOfSeveral",
  description: string,
  names: readonly string[],
): Record<string, unknown> {
  const messages = names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
  return { action, channel: { $ref: `#/channels/${channel}` }, description, messages };
}

function messageOf(schema: z.ZodType): Record<string, unknown> {
  const name = schema.meta()?.id ?? "";
  return { name, title: name, summary: schema.description ?? "", payload: { $ref: referenceTo(name) } };
}

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** The schemas of the frames, and of everything in them that has a name. */
function namedSchemas(frames: readonly z.ZodType[]): Record<string, unknown> {
  const schemas = frames.map((frame) => schemaOf(frame).$defs ?? {});
  const text = JSON.stringify(Object.assign({}, ...schemas));
  return JSON.parse(text.replaceAll('"#/$defs/', `"${referenceTo("")}`));
}

/** As the sender has to write it: members that are added later are no fault. */
function schemaOf(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _dialect, ...own } = z.toJSONSchema(schema, {
    io: "input",
    // What the format says already, and what holds for every integer in JSON.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return own;
}
