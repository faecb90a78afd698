import { type Check, counted, readable } from "../evidence.ts";
import { reservationIn } from "./audit-movements.ts";
import { terms } from "./drop.ts";
import type { WholeEvidence } from "./evidence.ts";
import type { WholeWatcher } from "./watcher.ts";

const openWithinMs = 1000;
/** A frame may be this long on its way, and is lost when the connection breaks meanwhile. */
const onItsWayMs = 2000;
/** Changes that their customer is told of. */
const announced = new Set(
  ["held", "confirmed", "released", "expired", "returned"].map((name) => `reservation.${name}`),
);

/** Everybody who was there saw all sizes open in time and none too early, and ended on the newest. */
export function checkWholeWatchers({ drop, record, watchers }: WholeEvidence): Check {
  const offenders: string[] = [];
  let latest = 0;
  const staying = watchers.filter(({ hasLeft }) => !hasLeft);
  for (const watcher of watchers) offenders.push(...watcher.faults.map((fault) => `${watcher.name} ${fault}`));
  for (const watcher of staying) {
    for (const size of drop.sizes) {
      const seenAt = watcher.openedAt.get(size) ?? Number.POSITIVE_INFINITY;
      const lateMs = seenAt + (drop.clock.now() - Date.now()) - drop.opensAt;
      latest = Math.max(latest, lateMs);
      if (lateMs - drop.clock.toleranceMs > openWithinMs || lateMs + drop.clock.toleranceMs < 0) {
        offenders.push(`${watcher.name} saw ${size} open ${Math.round(lateMs)} ms after its opening`);
      }
    }
    for (const [name, { sku }] of record.skus) {
      const { version, state, available } = watcher.stock.get(name) ?? { version: 0, state: "nothing", available: 0 };
      if (version !== sku.version || state !== sku.state || available !== sku.available)
        offenders.push(`${watcher.name} ended on ${name} ${version}, ${state}, not on ${sku.version}, ${sku.state}`);
    }
  }
  const frames = watchers.reduce((sum, watcher) => sum + watcher.frames, 0);
  const figures = `${readable(staying.length)} saw it at most ${Math.round(latest)} ms after opening, ${readable(frames)} frames`;
  return { promise: "watchers saw all sizes open", figures, offenders };
}

/** Whoever watched with a token was told of all that happened to what is theirs. */
export function checkOwnFrames(evidence: WholeEvidence): Check {
  const changes = Map.groupBy(changesIn(evidence), ({ customer }) => customer);
  const aheadMs = evidence.drop.clock.now() - Date.now();
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
  isKnown: (watcher: WholeWatcher) => boolean;
};

function changesIn({ record, books }: WholeEvidence): Change[] {
  const moved = [...record.skus].flatMap(([sku, { movements }]) =>
    movements.flatMap((movement): Change[] => {
      const reservation = reservationIn(movement);
      if (reservation === null || !announced.has(movement.type)) return [];
      const key = `${sku} ${movement.sequence}`;
      const at = Date.parse(movement.time);
      const { customer } = reservation;
      return [{ customer, sku, at, name: `${key}, ${movement.type}`, isKnown: (one) => one.announced.has(key) }];
    }),
  );
  // What was a try first becomes a hold in an event that moves nothing: it is known from the answer.
  const held = [...record.skus.keys()].flatMap((sku) =>
    [...books.of(sku).changes.values()].flatMap(({ status, version, customer, expiresAt }): Change[] => {
      if (status !== "held") return [];
      const at = Date.parse(expiresAt) - terms.holdTtlSeconds * 1000;
      const key = `${sku} ${version}`;
      return [{ customer, sku, at, name: `${key}, held`, isKnown: (one) => one.announced.has(key) }];
    }),
  );
  const offered = [...record.entries.values()].flatMap(
    ({ id, sku, customer, offerExpiresAt, reservation }): Change[] => {
      if (offerExpiresAt === null) return [];
      const at = Date.parse(offerExpiresAt) - terms.offerTtlSeconds * 1000;
      return [{ customer, sku, at, name: `${id}, offered`, isKnown: (one) => one.offers.get(id) === reservation }];
    },
  );
  return [...moved, ...held, ...offered];
}

function isConnected({ connected }: WholeWatcher, at: number): boolean {
  return connected.some(({ from, to }) => at > from && at < to - onItsWayMs);
}
