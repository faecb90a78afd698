import { isDeepStrictEqual } from "node:util";
import { flat, type Logged } from "../events/log.ts";
import type { Movement } from "../record/sku-record.ts";
import { type Check, counted, type Evidence, readable, sumOf } from "./evidence.ts";
import { differenceOf } from "./record.ts";

/** The log goes forward, names every event once, and leaves none of a stream out. */
export function checkLog({ events: { log } }: Evidence): Check {
  const offenders: string[] = [];
  const streams = new Map<string, Logged>();
  let position = 0;
  for (const event of log) {
    const { id, stream, sequence } = event;
    if (event.position <= position) offenders.push(`${id} stands at ${event.position}, after ${position}`);
    position = event.position;
    if (id !== `${stream}:${sequence}`) offenders.push(`${id} is event ${sequence} of ${stream}`);
    const before = streams.get(stream);
    if (before !== undefined && sequence !== before.sequence + 1) offenders.push(`${id} follows ${before.id}`);
    if (before !== undefined && event.time < before.time) offenders.push(`${id} happened before ${before.id}`);
    streams.set(stream, event);
  }
  const figures = `${counted(log.length, "event")} of ${counted(streams.size, "stream")}`;
  return { promise: "the log has no gap", figures, offenders };
}

/** The feed of a SKU is its part of the log, from its creation to its last version. */
export function checkFeeds(evidence: Evidence): Check {
  const { events, skus } = evidence;
  const parts = Map.groupBy(events.log, ({ stream }) => stream);
  const offenders = [...skus].flatMap(([name, { feed, record }]) => {
    const part = parts.get(`sku/${name}`) ?? [];
    const last = feed.at(-1)?.sequence ?? 0;
    return [
      ...differences(feed, part, "feed", "log"),
      ...(feed[0]?.type === "sku.created" ? [] : [`${name} does not begin with its creation`]),
      ...(last >= record.sku.version ? [] : [`${name} ends with ${last}, not with ${record.sku.version}`]),
    ];
  });
  const compared = sumOf(evidence, ({ feed }) => feed.length);
  const figures = `${counted(skus.size, "feed")}, ${counted(compared, "event")} compared`;
  return { promise: "a SKU's feed equals the log", figures, offenders };
}

/** Movements are those events of the feed that moved something, and all of them. */
export function checkEventMovements({ skus }: Evidence): Check {
  let compared = 0;
  const offenders = [...skus.values()].flatMap(({ feed, record }) => {
    const { movements, sku } = record;
    const moved = feed.filter((event) => event.sequence <= sku.version && hasMoved(event));
    const listed = movements.filter(({ sequence }) => sequence <= sku.version);
    compared += listed.length;
    return differences(listed.map(asEvent), moved, "movement", "feed");
  });
  return { promise: "movements equal the feed", figures: `${counted(compared, "movement")} compared`, offenders };
}

function hasMoved({ data }: Logged): boolean {
  return [data.dStock, data.dHeld, data.dSold].some((moved) => moved !== 0);
}

function asEvent({ dStock, dHeld, dSold, data, ...movement }: Movement): Logged {
  return { ...movement, data: { dStock, dHeld, dSold, ...data } };
}

/** Events that one side has and the other has not, or has otherwise. */
function differences(one: readonly Logged[], other: readonly Logged[], oneName: string, otherName: string): string[] {
  const others = new Map(other.map((event) => [event.id, event]));
  const ids = new Set(one.map(({ id }) => id));
  return [
    ...(ids.size < one.length ? [`${readable(one.length - ids.size)} are twice in the ${oneName}`] : []),
    ...other.filter(({ id }) => !ids.has(id)).map(({ id, type }) => `${id}, ${type}, is in the ${otherName} only`),
    ...one.flatMap((event) => {
      const same = others.get(event.id);
      if (same === undefined) return [`${event.id}, ${event.type}, is in the ${oneName} only`];
      if (isDeepStrictEqual(event, same)) return [];
      return [`${differenceOf(flat(event), flat(same))} (${oneName}, ${otherName})`];
    }),
  ];
}
