import { eventToWire } from "../contracts/present-event.ts";
import type { LoggedEvent } from "../domain/log.ts";

export const CLOUD_EVENT_TYPE = "application/cloudevents+json; charset=utf-8";

/** Sequences as text are compared character by character, so they are all of one length. */
const SEQUENCE_DIGITS = 10;

/**
 * An event as CloudEvents 1.0 in its structured form. `previous` is the sequence of the event of the same stream that was
 * sent before, null for the first: where it is not the last one that a receiver saw, something is missing.
 */
export function cloudEvent(event: LoggedEvent, previous: number | null): string {
  const { id, stream, sku, sequence, position, type, time, data } = eventToWire(event);
  return JSON.stringify({
    specversion: "1.0",
    id,
    source: "/v1/events",
    type,
    subject: stream,
    time,
    datacontenttype: "application/json",
    sequence: String(sequence).padStart(SEQUENCE_DIGITS, "0"),
    data: { ...data, stream, sku, sequence, position, previous },
  });
}
