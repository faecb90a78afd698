import { CONNECT_PATIENCE_MS, LIVE_SKUS_MAX } from "./bounds.ts";
import type { Calls } from "./calls.ts";
import type { ServerClock } from "./clock.ts";
import type { HoldfastError } from "./failure.ts";
import { openSocket, type SocketClass } from "./live-socket.ts";
import { later } from "./patience.ts";
import { poll } from "./polling.ts";
import type { Refusal } from "./refusal.ts";
import type { Tokens } from "./tokens.ts";
import type { Reservation, ServerFrame, StockFrame } from "./wire.ts";

export type { SocketClass } from "./live-socket.ts";

/** `polling`: no socket can be opened, and stock is polled every few seconds. `closed`: nothing more will come. */
export type Connection = "connecting" | "live" | "polling" | "closed";

/** What a watch reports: frames of the service, each newer than the previous ones, and the state of its connection. */
export type LiveNews =
  | Exclude<ServerFrame, { type: "pong" | "error" }>
  | { type: "connection"; connection: Connection };

export interface LiveSettings {
  url: () => string;
  skus: readonly string[];
  socket: SocketClass | undefined;
  tokens: Tokens;
  clock: ServerClock;
  calls: Calls;
  random: () => number;
}

/** A watch over SKUs. */
export interface Live {
  readonly connection: Connection;
  /** Why it is closed, unless its owner closed it. */
  readonly reason: Refusal | HoldfastError | null;
  /** The newest known stock. */
  stock: (sku: string) => StockFrame | null;
  /** Calls `listener` for everything from now on; returns a function that stops that. */
  listen: (listener: (news: LiveNews) => void) => () => void;
  close: () => void;
}

/**
 * Watches SKUs until it is closed. The socket reconnects and stock never goes back, whatever was lost, repeated or reordered;
 * while there is no socket the stock is polled.
 */
export function openLive(settings: LiveSettings): Live {
  const { url, skus, socket, clock } = settings;
  if (skus.length === 0 || skus.length > LIVE_SKUS_MAX) throw new RangeError(`1 to ${LIVE_SKUS_MAX} SKUs`);
  const listeners = new Set<(news: LiveNews) => void>();
  const newest = new Map<string, StockFrame>();
  const versions = new Map<string, number>();
  /** SKUs that have sent something since the socket opened: what they send next is news. */
  const joined = new Set<string>();
  let connection: Connection = "connecting";
  let reason: Live["reason"] = null;
  let polling: AbortController | undefined;
  let endPatience: (() => void) | undefined;

  function tell(news: LiveNews): void {
    for (const listener of [...listeners]) listener(news);
  }

  function become(next: Connection): void {
    if (connection === next) return;
    connection = next;
    tell({ type: "connection", connection });
  }

  function isNewStock(frame: StockFrame): boolean {
    const { sku, version, at } = frame;
    const isNew = version > (newest.get(sku)?.version ?? 0);
    clock.learnPassed(at, Date.now(), isNew && connection === "live" && joined.has(sku));
    joined.add(sku);
    if (isNew) newest.set(sku, frame);
    return isNew;
  }

  /** A warning of a hold's end has the version of the hold. */
  function isNewEnough({ id, version }: Reservation): boolean {
    if (version < (versions.get(id) ?? 0)) return false;
    versions.set(id, version);
    return true;
  }

  function receive(frame: ServerFrame): void {
    if (frame.type === "error" || frame.type === "pong") return;
    if (frame.type === "stock" && !isNewStock(frame)) return;
    if (frame.type === "reservation" && !isNewEnough(frame.reservation)) return;
    if (frame.type === "snapshot") frame.reservations.map(isNewEnough);
    tell(frame);
  }

  async function startPolling(): Promise<void> {
    polling = new AbortController();
    const { signal } = polling;
    become("polling");
    const hopeless = await poll(settings, receive, signal);
    if (signal.aborted) return;
    reason = hopeless;
    close();
  }

  function waitForSocket(): void {
    endPatience ??= later(CONNECT_PATIENCE_MS, startPolling);
  }

  function stopWaiting(): void {
    endPatience?.();
    endPatience = undefined;
    polling?.abort();
  }

  function close(): void {
    stopWaiting();
    closeSocket?.();
    become("closed");
    listeners.clear();
  }

  const listener = {
    opened: () => {
      stopWaiting();
      joined.clear();
      become("live");
    },
    received: receive,
    lost: () => {
      if (connection === "polling") return;
      become("connecting");
      waitForSocket();
    },
  };
  const closeSocket = socket && openSocket({ ...settings, socket, url: addressOf(url(), skus) }, listener);
  if (socket === undefined) void startPolling();
  else waitForSocket();

  return {
    get connection() {
      return connection;
    },
    get reason() {
      return reason;
    },
    stock: (sku) => newest.get(sku) ?? null,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
  };
}

function addressOf(url: string, skus: readonly string[]): string {
  const base = `${url.replace(/^http/, "ws")}/v1`;
  const [only, ...others] = skus.map(encodeURIComponent);
  return others.length === 0 ? `${base}/skus/${only}/live` : `${base}/live?sku=${[only, ...others].join("&sku=")}`;
}
