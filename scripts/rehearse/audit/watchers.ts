import type { Seen } from "../crowd/watcher.ts";
import { reservationIn } from "../record/movements.ts";
import { type Check, counted, type Evidence, readable } from "./evidence.ts";

const openWithinMs = 1000;
/** A frame may be this long on its way, and is lost when the connection breaks meanwhile. */
const onItsWayMs = 2000;
/** Changes that their customer is told of. */
const announced = new Set(
  ["held", "confirmed", "released", "expired", "returned"].map((name) => `reservation.${name}`),
);

/** Watchers saw versions go forward only, nothing of anybody else's, and who stayed ended on the newest of every SKU. */
export function checkWatchers({ skus, watchers }: Evidence): Check {
  const offenders = watchers.flatMap((watcher) => watcher.faults.map((fault) => `${watcher.name} ${fault}`));
  const staying = watchers.filter(({ hasLeft }) => !hasLeft);
  for (const watcher of staying) {
    for (const name of watcher.skus) {
      const { version, state, available } = watcher.stock.get(name) ?? { version: 0, state: "nothing", available: 0 };
      const sku = skus.get(name)?.record.sku;
      if (version !== sku?.version || state !== sku.state || available !== sku.available)
        offenders.push(`${watcher.name} ended on ${name} ${version}, ${state}, not on ${sku?.version}, ${sku?.state}`);
    }
  }
  const frames = watchers.reduce((sum, watcher) => sum + watcher.frames, 0);
  const figures = `${readable(staying.length)} on the newest of ${counted(skus.size, "SKU")}, ${readable(frames)} frames`;
  return { promise: "watchers converged", figures, offenders };
}

/** Everybody who was there saw all that opens open in time, and none too early. */
export function checkOpenings({ sale, watchers }: Evidence): Check {
  const { clock, opensAt, limited } = sale;
  const staying = watchers.filter(({ hasLeft }) => !hasLeft);
  const aheadMs = clock.now() - Date.now();
  const late = staying.flatMap((watcher) =>
    limited.map((sku) => {
      const seenAt = watcher.openedAt.get(sku) ?? Number.POSITIVE_INFINITY;
      return { name: watcher.name, sku, ms: seenAt + aheadMs - opensAt };
    }),
  );
  const offenders = late
    .filter(({ ms }) => ms - clock.toleranceMs > openWithinMs || ms + clock.toleranceMs < 0)
    .map(({ name, sku, ms }) => `${name} saw ${sku} open ${Math.round(ms)} ms after its opening`);
  const latest = late.reduce((most, { ms }) => Math.max(most, ms), 0);
  const figures = `${readable(staying.length)} saw it at most ${Math.round(latest)} ms after opening`;
  return { promise: "watchers saw all sizes open", figures, offenders };
}

/** Whoever watched with a token was told of all that happened to what is theirs. */
export function checkOwnFrames(evidence: Evidence): Check {
  const changes = Map.groupBy(changesIn(evidence), ({ customer }) => customer);
  const aheadMs = evidence.sale.clock.now() - Date.now();
  const offenders: string[] = [];
  let heard = 0;
  for (const watcher of evidence.watchers) {
    for (const change of changes.get(watcher.customer ?? "") ?? []) {
      if (!watcher.skus.includes(change.sku) || !isConnected(watcher, change.at - aheadMs)) continue;
      heard += 1;
      if (!change.isKnown(watcher)) offenders.push(`${watcher.name} was not told of ${change.name}`);
    }
  }
  return { promise: "customers heard of their own", figures: counted(heard, "change"), offenders };
}

type Change = {
  customer: string;
  sku: string;
  at: number;
  name: string;
  isKnown: (watcher: Seen) => boolean;
};

function changesIn({ skus, entries, sale: { policy } }: Evidence): Change[] {
  const moved = [...skus].flatMap(([sku, { record }]) =>
    record.movements.flatMap((movement): Change[] => {
      const reservation = reservationIn(movement);
      if (reservation === null || !announced.has(movement.type)) return [];
      const key = `${sku} ${movement.sequence}`;
      const at = Date.parse(movement.time);
      const { customer } = reservation;
      return [{ customer, sku, at, name: `${key}, ${movement.type}`, isKnown: (one) => one.announced.has(key) }];
    }),
  );
  // What was a try first becomes a hold in an event that moves nothing: it is known from the answer.
  const held = [...skus].flatMap(([sku, { books }]) =>
    [...books.changes.values()].flatMap(({ status, version, customer, expiresAt }): Change[] => {
      if (status !== "held") return [];
      const at = Date.parse(expiresAt) - policy.holdTtlSeconds * 1000;
      const key = `${sku} ${version}`;
      return [{ customer, sku, at, name: `${key}, held`, isKnown: (one) => one.announced.has(key) }];
    }),
  );
  const offered = [...entries.values()].flatMap(({ id, sku, customer, offerExpiresAt, reservation }): Change[] => {
    if (offerExpiresAt === null) return [];
    const at = Date.parse(offerExpiresAt) - policy.offerTtlSeconds * 1000;
    return [{ customer, sku, at, name: `${id}, offered`, isKnown: (one) => one.offers.get(id) === reservation }];
  });
  return [...moved, ...held, ...offered];
}

function isConnected({ connected }: Seen, at: number): boolean {
  return connected.some(({ from, to }) => at > from && at < to - onItsWayMs);
}
