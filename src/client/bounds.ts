/**
 * Every bound of the client, each with its reason. Bounds of the service are repeated here, because importing them would add
 * the whole file to every storefront's bundle; a test compares them.
 */

/** Tries of one call, the first included. With doubled pauses the fifth comes some 3 s after the first. */
export const TRIES_MAX = 5;
/** Time for all tries of one call: about as long as anybody looks at a spinner. */
export const CALL_MS_MAX = 30_000;
/** Time for one try: a cart or drop may take the service 9 s, and a confirmation waits for D1. */
export const TRY_MS_MAX = 15_000;
/** Pause before the second try: doubled for each further one up to the max; a random part of it is waited. */
export const PAUSE_MS_MIN = 200;
export const PAUSE_MS_MAX = 5_000;
/** Clients that got the same `Retry-After` come back spread over this span. */
export const RETRY_AFTER_SPREAD_MS = 1_000;

/** Commands that one batch may have: the service's bound. */
export const BATCH_COMMANDS_MAX = 100;
/** Bytes of commands in one batch: the service takes 64 KiB, including the rest of the body. */
export const BATCH_BYTES_MAX = 63 * 1024;
/** How long the first command of a batch waits for others: not noticeable, but longer than a loop over a cart needs. */
export const BATCH_WINDOW_MS = 3;

/** A token that ends within this time is renewed first, so that it does not end during the call. */
export const TOKEN_MARGIN_MS = 30_000;

/** SKUs on one live socket: the service's bound. */
export const LIVE_SKUS_MAX = 50;
/** How often a live socket is pinged: less than the minute after which many proxies cut an idle one. */
export const PING_MS = 25_000;
/** A socket that is silent this long after a ping is dead, whatever its state says. */
export const PONG_MS_MAX = 10_000;
/** How long the first connection may take before stock is polled meanwhile. */
export const CONNECT_PATIENCE_MS = 3_000;
/** Pauses between connections: partysocket's growth, from a random start so that a crowd spreads out. */
export const RECONNECT_MS_MIN = 1_000;
export const RECONNECT_MS_SPREAD = 2_000;
export const RECONNECT_MS_MAX = 20_000;
/** How often stock is polled while there is no socket: a public answer may be a second old anyway. */
export const POLL_MS = 2_000;
/** Each call of a round delays the next: a shopper has 100 calls in 10 s, and needs most of them for other things. */
export const POLL_CALL_MS = 500;
/** Failed polls double the pause up to this. */
export const POLL_MS_MAX = 30_000;

/** Maximal age of a change when its frame arrives: coalesced for a quarter of a second, plus the transport. */
export const FRAME_DELAY_MS_MAX = 1_000;
/** Consecutive frames that have to contradict the known clock before they are believed: one may have been delayed. */
export const CONTRADICTIONS_MAX = 3;

/** How long a watch without viewers stays connected: a page that changes views comes back. */
export const LINGER_MS = 1_000;
/** After a hold's end the service needs a moment to send that; then it is asked, with doubled pauses up to the max. */
export const AFTER_END_MS = 1_500;
export const AFTER_END_MS_MAX = 30_000;

/** The longest delay of a timer. */
export const TIMER_MS_MAX = 2 ** 31 - 1;
