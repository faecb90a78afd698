import { clientFrame, LIVE_PROTOCOL, PONG } from "../contracts/live.ts";
import { FRAME_BYTES_MAX } from "../domain/bounds.ts";
import { errorFrameOf } from "./frames.ts";
import { drop, send } from "./watchers.ts";

/** What a close without a code is reported as; it cannot be sent. */
const NO_CODE = 1005;

/** The answer to an upgrade: the client's end, and of the offered subprotocols ours. */
export function upgraded(request: Request, client: WebSocket): Response {
  const offered = request.headers.get("Sec-WebSocket-Protocol") !== null;
  return new Response(null, {
    status: 101,
    webSocket: client,
    headers: offered ? { "Sec-WebSocket-Protocol": LIVE_PROTOCOL } : {},
  });
}

/** A frame from a client: a ping in an unusual spelling, or a fault that ends the connection. */
export function receiveFrame(socket: WebSocket, message: string | ArrayBuffer): void {
  if (typeof message !== "string" || isTooLong(message)) {
    refuse(socket, "invalid-request", `frames are JSON text of at most ${FRAME_BYTES_MAX} bytes`);
  } else if (isPing(message)) {
    send(socket, PONG);
  } else {
    refuse(socket, "invalid-request", "the only frame a client may send is a ping");
  }
}

function isTooLong(message: string): boolean {
  return message.length > FRAME_BYTES_MAX || new TextEncoder().encode(message).byteLength > FRAME_BYTES_MAX;
}

function isPing(message: string): boolean {
  try {
    return clientFrame.safeParse(JSON.parse(message)).success;
  } catch {
    return false;
  }
}

/** Answers a close, with its own code where it had one: of sockets that may sleep the platform leaves that to us. */
export function answerClose(socket: WebSocket, code: number): void {
  drop(socket, code === NO_CODE ? 1000 : code, "");
}

/** Says why, and closes. */
export function refuse(socket: WebSocket, code: string, detail: string): void {
  send(socket, errorFrameOf(code, detail));
  drop(socket, 1008, detail);
}
