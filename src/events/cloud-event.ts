import { eventToWire } from "../contracts/present-event.ts";
import type { LoggedEvent } from "../domain/log.ts";

export const CLOUD_EVENT_TYPE = "application/cloudevents+json; charset=utf-8";

/** Sequences as text are compared character by character, so all have the same length. */
const SEQUENCE_DIGITS = 10;

/**
 * An event as a structured CloudEvent 1.0. `previous` is the sequence of the event of the same stream that was sent before,
 * null for the first. If a receiver has not seen that event, it has missed one.
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
