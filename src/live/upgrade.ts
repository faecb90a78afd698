import { LIVE_PROTOCOL, PING, PONG } from "../contracts/live.ts";
import { FRAME_BYTES_MAX } from "../domain/bounds.ts";
import { errorFrameOf } from "./frames.ts";
import { closeSocket, send } from "./sockets.ts";

/** A close without a code is reported as this one, which cannot be sent. */
const NO_CODE = 1005;

/** The answer to an upgrade: the client's end, and the `holdfast` subprotocol. */
export function upgraded(request: Request, client: WebSocket): Response {
  const offered = request.headers.get("Sec-WebSocket-Protocol") !== null;
  return new Response(null, {
    status: 101,
    webSocket: client,
    headers: offered ? { "Sec-WebSocket-Protocol": LIVE_PROTOCOL } : {},
  });
}

/**
 * Handles a frame that reached the object. The platform answers pings without waking it, so any other frame is a fault that
 * ends the connection.
 */
export function receiveFrame(socket: WebSocket, message: string | ArrayBuffer): void {
  // The platform still delivers frames that a peer sends after the close: they are ignored.
  if (socket.readyState !== WebSocket.READY_STATE_OPEN) return;
  if (message === PING) {
    send(socket, PONG);
  } else if (typeof message !== "string" || isTooLong(message)) {
    refuse(socket, "invalid-request", `frames are JSON text of at most ${FRAME_BYTES_MAX} bytes`);
  } else {
    refuse(socket, "invalid-request", `the only frame a client may send is ${PING}, exactly`);
  }
}

function isTooLong(message: string): boolean {
  return message.length > FRAME_BYTES_MAX || new TextEncoder().encode(message).byteLength > FRAME_BYTES_MAX;
}

/** Answers a close, with the peer's code if it had one: for hibernating sockets the platform leaves that to the object. */
export function answerClose(socket: WebSocket, code: number): void {
  closeSocket(socket, code === NO_CODE ? 1000 : code, "");
}

/** Sends the reason, and closes. */
export function refuse(socket: WebSocket, code: string, detail: string): void {
  send(socket, errorFrameOf(code, detail));
  closeSocket(socket, 1008, detail);
}
