import { z } from "zod";
import { eventType } from "../../../src/contracts/event.ts";

const sequenceDigits = 10;

/** What a webhook has to look like: CloudEvents 1.0 in its structured form, and where the event stands in its stream. */
export const cloudEvent = z
  .strictObject({
    specversion: z.literal("1.0"),
    id: z.string(),
    source: z.string().min(1),
    type: eventType,
    subject: z.string(),
    time: z.iso.datetime(),
    datacontenttype: z.literal("application/json"),
    sequence: z.string().length(sequenceDigits).regex(/^\d+$/),
    data: z.looseObject({
      stream: z.string(),
      sku: z.string().nullable(),
      sequence: z.int().min(1),
      position: z.int().min(1),
      /** The sequence that the stream was told of before. */
      previous: z.int().min(1).nullable(),
    }),
  })
  .refine(({ subject, sequence, data }) => subject === data.stream && Number(sequence) === data.sequence, {
    message: "its envelope names another event than its data",
  });

export type CloudEvent = z.infer<typeof cloudEvent>;

export const contentType = /^application\/cloudevents\+json(;|$)/;
