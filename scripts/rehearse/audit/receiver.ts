import { isDeepStrictEqual } from "node:util";
import type { CloudEvent } from "../events/cloud-event.ts";
import { flat, type Logged } from "../events/log.ts";
import { type Check, counted, type Evidence, readable } from "./evidence.ts";
import { differenceOf } from "./record.ts";

/** All that the log has was taken by the receiver, and nothing else ever got there. */
export function checkArrivals({ events: { log, arrived, following } }: Evidence): Check {
  const { inbox } = following.receiver;
  const logged = new Set(log.map(({ id }) => id));
  const missing = log.filter(({ id }) => !inbox.hasTaken(id));
  const invented = arrived.filter(({ id }) => !logged.has(id));
  const offenders = [
    ...missing.map(({ id, type }) => `${id}, ${type}, is missing`),
    ...invented.map(({ id, type }) => `${id}, ${type}, is not in the log`),
  ];
  const figures = `${counted(inbox.events.size, "event")} in ${counted(inbox.callCount, "call")}${moods(following.receiver.moods)}`;
  return { promise: "every event reached the receiver", figures, offenders };
}

function moods(counts: ReadonlyMap<string, number>): string {
  const count = (mood: string) => readable(counts.get(mood) ?? 0);
  return `, ${count("refuse")} refused, ${count("hang up")} cut off, ${count("dawdle")} kept waiting`;
}

/** What the receiver was told is what the log has, and the same however often it was told. */
export function checkContent({ events: { log, following } }: Evidence): Check {
  const { events, retold, sources } = following.receiver.inbox;
  const offenders = log.flatMap((event) => {
    const told = events.get(event.id);
    if (told === undefined || isDeepStrictEqual(logged(told), event)) return [];
    return [`${differenceOf(flat(logged(told)), flat(event))} (receiver, log)`];
  });
  const figures = `${counted(log.length, "event")} compared`;
  const mixed = sources.size > 1 ? [`one service has the sources ${[...sources].join(", ")}`] : [];
  return { promise: "no event altered on its way", figures, offenders: [...offenders, ...retold, ...mixed] };
}

/** What arrived, as the log would show it. */
function logged({
  id,
  type,
  time,
  data: { previous: _, stream, sku, sequence, position, ...data },
}: CloudEvent): Logged {
  return { id, stream, sku, sequence, position, type, time, data };
}

/** Of each stream every event came after the one before it had been taken, and said so. */
export function checkOrder({ events: { following } }: Evidence): Check {
  const { events, callCount, disorder } = following.receiver.inbox;
  const streams = new Set(Array.from(events.values(), ({ subject }) => subject));
  const figures = `${counted(streams.size, "stream")}, ${counted(callCount - events.size, "call")} again`;
  return { promise: "each stream arrived in order", figures, offenders: disorder };
}

/** Every call was a CloudEvent, signed by Standard Webhooks. */
export function checkForm({ events: { following } }: Evidence): Check {
  const { callCount, malformed } = following.receiver.inbox;
  const figures = `${counted(callCount, "call")} verified`;
  return { promise: "every call signed", figures, offenders: malformed };
}

/** The service tells of every delivery what its receiver knows of it. */
export function checkDeliveries({ books, events: { following, deliveries } }: Evidence): Check {
  const wasKilled = books.outages.length > 0;
  const { calls, events } = following.receiver.inbox;
  const known = new Set(deliveries.map(({ event }) => event));
  const offenders = deliveries.flatMap(({ event, status, attempts }) => {
    const made = calls.get(event) ?? 0;
    // Who dies right after a call does not know that it was made.
    const isRight = wasKilled ? attempts >= 1 && attempts <= made : attempts === made;
    if (status === "delivered" && isRight) return [];
    return [`${event} is ${status} after ${attempts} attempts, and was called ${made} times`];
  });
  const untold = [...events.keys()].filter((id) => !known.has(id)).map((id) => `${id} is no delivery`);
  const attempts = deliveries.reduce((sum, delivery) => sum + delivery.attempts, 0);
  const figures = `${counted(attempts, "attempt")} at ${counted(deliveries.length, "event")}`;
  return { promise: "deliveries told as they went", figures, offenders: [...offenders, ...untold] };
}
