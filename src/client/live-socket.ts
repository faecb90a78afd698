import ReconnectingSocket from "partysocket/ws";
import {
  PING_MS,
  PONG_MS_MAX,
  RECONNECT_MS_MAX,
  RECONNECT_MS_MIN,
  RECONNECT_MS_SPREAD,
  TOKEN_MARGIN_MS,
} from "./bounds.ts";
import type { ServerClock } from "./clock.ts";
import { later } from "./patience.ts";
import { claimsOf, type Tokens } from "./tokens.ts";
import type { ServerFrame } from "./wire.ts";

// Typed by the contract without importing it, which would bundle all schemas.
const PROTOCOL: typeof import("../contracts/live.ts").LIVE_PROTOCOL = "holdfast";
const PING: typeof import("../contracts/live.ts").PING = '{"type":"ping"}';

/** The WebSocket class of browsers. */
export type SocketClass = new (url: string, protocols?: string | string[]) => WebSocket;

export interface SocketSettings {
  url: string;
  socket: SocketClass;
  tokens: Tokens;
  clock: ServerClock;
  random: () => number;
}

/** Events of a live socket: open, a frame, and closed while it reconnects. */
export interface SocketListener {
  opened: () => void;
  received: (frame: ServerFrame) => void;
  lost: () => void;
}

/**
 * Opens a socket that reconnects, with a valid token, and detects a dead connection by missing pongs. Returns a function that
 * closes it for good.
 */
export function openSocket(settings: SocketSettings, { opened, received, lost }: SocketListener): () => void {
  const { url, socket: WebSocket, tokens, clock, random } = settings;
  let token: string | null = null;
  let isOpen = false;
  let timers: (() => void)[] = [];
  let endPatience: (() => void) | undefined;

  function stopTimers(): void {
    for (const stop of timers) stop();
    timers = [];
    hear();
  }

  function hear(): void {
    endPatience?.();
    endPatience = undefined;
  }

  function ping(): void {
    const next = later(PING_MS, () => {
      socket.send(PING);
      endPatience ??= later(PONG_MS_MAX, () => socket.reconnect());
      ping();
    });
    timers.push(next);
  }

  /** Reconnects with a new token shortly before the old one expires. */
  function renewInTime(): void {
    const endsAt = token === null ? null : claimsOf(token).expiresAt;
    if (endsAt === null || !tokens.canRenew) return;
    const leftMs = endsAt - clock.now();
    // The last part of a short-lived token is shorter than the margin.
    const renew = later(leftMs - Math.min(TOKEN_MARGIN_MS, leftMs / 4), () => {
      tokens.reject(token);
      socket.reconnect();
    });
    timers.push(renew);
  }

  function lose(): void {
    // A browser does not say why an upgrade failed: the token may be the reason.
    if (!isOpen) tokens.reject(token);
    isOpen = false;
    stopTimers();
    lost();
  }

  const protocols = async () => {
    token = await tokens.get();
    return token === null ? [PROTOCOL] : [PROTOCOL, `bearer.${token}`];
  };
  const socket = new ReconnectingSocket(url, protocols, {
    WebSocket,
    minReconnectionDelay: RECONNECT_MS_MIN + random() * RECONNECT_MS_SPREAD,
    maxReconnectionDelay: RECONNECT_MS_MAX,
  });
  socket.onopen = () => {
    isOpen = true;
    ping();
    renewInTime();
    opened();
  };
  socket.onmessage = ({ data }) => {
    hear();
    const frame = read(data);
    if (frame?.type === "error" && frame.code === "unauthenticated") tokens.reject(token);
    if (frame !== null) received(frame);
  };
  // If there is nothing to close, as when no token could be got, the error is the only event.
  socket.onclose = socket.onerror = lose;
  return () => {
    socket.onclose = socket.onerror = null;
    stopTimers();
    socket.close();
  };
}

/** A frame; null for an unknown one, which a later service may send. */
function read(data: unknown): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    return (frame as ServerFrame | null)?.type === undefined ? null : (frame as ServerFrame);
  } catch {
    return null;
  }
}
