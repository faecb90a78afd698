/** Every bound of the service, each with its reason. Bounds are inclusive: the value itself is allowed. */

/** Longest name of a SKU: fits a URL segment, a log line and an object's name (1,024 bytes) with room to spare. */
export const SKU_NAME_CHARS_MAX = 64;
/** Longest title shown to people. */
export const TITLE_CHARS_MAX = 200;
/** Longest name of a customer, in code points: the longest e-mail address (254) fits, and at most 1,020 bytes are kept. */
export const CUSTOMER_CODE_POINTS_MAX = 255;
/** Allowed clock difference of a token's signer, for `nbf` and `iat`. `exp` has no leeway. */
export const TOKEN_LEEWAY_SECONDS = 10;
/** The key server is asked at most this often, however many tokens name an unknown key. */
export const KEYS_ASK_MS = 10_000;
/** A call to it is abandoned before the next one may begin. */
export const KEYS_CALL_MS = 5_000;
/** Keys older than this are fetched again while they stay in use: a withdrawn key may count for this long. */
export const KEYS_FRESH_MS = 60_000;
/** While the key server is down, its last keys stay valid for a day: time to repair it, and an end for withdrawn keys. */
export const KEYS_KEPT_MS = 24 * 60 * 60 * 1000;
/** Longest id that is looked up; generated ids have 36 characters. */
export const ID_CHARS_MAX = 128;
/** Longest order id: a UUID, or the number of any shop system. */
export const ORDER_ID_CHARS_MAX = 128;
/**
 * Orders that one reservation or cart remembers as refused, for as long as it exists. Two payments for one claim are an
 * accident, ten are a bad day, a hundred are a loop; the next order is refused as invalid and writes nothing. A hundred ids of
 * 128 characters take 20 kB in each event of the reservation, which fits one row in D1 and in the object.
 */
export const REFUSED_ORDERS_MAX = 100;
/** Refunds that a reservation or cart shows, newest first: enough for an operator, in a frame of a few kB. */
export const REFUNDS_SHOWN_MAX = 20;
/** Longest reason of an adjustment: a sentence for the audit. */
export const REASON_CHARS_MAX = 200;
/** Longest idempotency key, in visible ASCII (RFC draft and every peer allow 255). */
export const KEY_CHARS_MAX = 255;

/** Units of one SKU. A drop sells thousands; a million single-unit holds take about 1 GB of the object's 10 GB. */
export const STOCK_MAX = 1_000_000;
/** Units in one reservation, whatever the policy allows: larger claims are a warehouse's, not a shopper's. */
export const QUANTITY_MAX = 10_000;
/** Durations: at least a second, at most a week (a payment by bank transfer). */
export const DURATION_SECONDS_MIN = 1;
export const DURATION_SECONDS_MAX = 7 * 24 * 60 * 60;
/** Largest `abandonsPerHour`. A shopper's rate limit allows 36,000 calls an hour, so this value means no limit. */
export const ABANDONS_PER_HOUR_MAX = 100_000;
/** Weight of units that a customer gives back while others are refused: with the default policy six of them fill the hour. */
export const ABANDON_WANTED_WEIGHT = 5;
/** How long given-back units count, from the first one on. */
export const ABANDON_HOUR_MS = 60 * 60 * 1000;
/** Customers that a SKU remembers as having to wait: about 1 MB. Beyond that the oldest is forgotten. */
export const REHOLD_CUSTOMERS_MAX = 10_000;

/** Metadata of one reservation: enough for a cart line's references. It is stored in the reservation and in one event. */
export const METADATA_MEMBERS_MAX = 20;
export const METADATA_BYTES_MAX = 2 * 1024;

/** Content up to this length is stored with its key as it was sent; longer content is stored as a digest. Most bodies are shorter. */
export const KEPT_CONTENT_CHARS_MAX = 100;

/** Body of a request: a full batch of plain commands takes about 20 KiB. */
export const BODY_BYTES_MAX = 64 * 1024;
/** Commands in one batch: about 3 ms of the object's only thread. */
export const BATCH_COMMANDS_MAX = 100;
/** Items of a page. */
export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 200;
/** Events are small and read by machines, so their pages are larger. */
export const EVENT_PAGE_LIMIT_MAX = 1000;
/** Longest cursor that is parsed; generated ones have under 1,800 characters, with the longest customer name in any script. */
export const CURSOR_CHARS_MAX = 2048;
/** A customer's own reservations in `/me` and in the live snapshot, newest first; a limit per customer keeps real ones below. */
export const OWN_RESERVATIONS_MAX = 100;
/** Due holds that one transaction releases: about 25 ms, so that a command waits for less than 50 ms. */
export const SWEEP_HOLDS_MAX = 500;
/** Sweeps that one alarm runs before it re-arms. Between two of them calls get their turn. */
export const ALARM_SWEEPS_MAX = 20;
/** Old rows that one transaction removes. */
export const RETENTION_ROWS_MAX = 500;
/** Commands that share one transaction: about 30 ms of the thread. */
export const GROUP_COMMANDS_MAX = 1000;
/** Commands that may wait in an object. Beyond that it sheds load: at 10,000 a second they would already wait a second. */
export const PENDING_COMMANDS_MAX = 10_000;
/** How long a try waits for the decision of another object: a few calls to objects, one of which may have to wake far away. */
export const TRY_MS = 10_000;
/** How long a cart retries a line that is refused only because of other tries: those last some tens of milliseconds. */
export const CONTENTION_MS = 1_000;
/** Pause between these retries, doubled from min to max: hundreds of carts may wait for one SKU. */
export const CONTENTION_PAUSE_MS_MIN = 40;
export const CONTENTION_PAUSE_MS_MAX = 250;
/** A cart that has not decided by then gives up, while its first try can still be cancelled. */
export const CART_DECISION_MS = 8_000;
/** How long a cart tries to lend its lines: several attempts fit into the ten seconds of the try that waits for it. */
export const LEND_PATIENCE_MS = 3_000;
/** How long the next units that come back are reserved for a late payment that was told to retry: as long as a try may last. */
export const PROMISE_MS = 10_000;
/** Promised late payments per SKU: each takes some 100 bytes, and a payment without a promise may still succeed. */
export const PROMISES_MAX = 1_000;
/** Open claims of a customer that a late payment considers; limits keep real customers far below. */
export const OPEN_CLAIMS_MAX = 500;
/** A line that has been locked for longer than this has lost contact with its cart: its SKU asks the cart. */
export const LOCK_MS = 60_000;
/** Pause before the same question about a line or a freeze is asked again. */
export const ASK_AGAIN_MS = 10_000;
/** Events whose notices are sent at once: at most this many calls to other objects are in flight. */
export const NOTICE_EVENTS_MAX = 100;
/** A call to another object that takes longer counts as lost and is repeated. */
export const OBJECT_CALL_MS = 5_000;
/**
 * Objects that count a drop's limit, chosen by a hash of the customer. At 1,000 calls a second each, every one of 100 SKUs may
 * call each ten times a second.
 */
export const ALLOWANCE_OBJECTS = 16;
/** Claims in one call to an Allowance object: about 10 ms of its thread. */
export const CLAIMS_PER_CALL_MAX = 500;
/** Claims of one SKU that may wait for one Allowance object: with ten calls a second they would already wait two seconds. */
export const CLAIMS_WAITING_MAX = 10_000;
/** Other reservations of the customer that a refusal names: those of one person, few enough to send with every refusal. */
export const CLAIMS_NAMED_MAX = 100;
/** Before a limit refuses, its SKUs are asked about a customer's claims, at most this often: repeated presses cost nothing. */
export const COUNT_PAUSE_MS = 1_000;
/** A SKU that takes longer to answer counts as unreachable, so that it does not delay the claims of others. */
export const COUNT_CALL_MS = 2_000;
/** How long a SKU remembers whom a limit refused, longer than the pause of anybody who presses repeatedly; and how many, about 1 MB. */
export const REFUSED_REMEMBERED_MS = 5_000;
export const REFUSED_REMEMBERED_MAX = 10_000;
/** A caller who gives units back is answered once the limit knows, or after this: the customer's next claim finds room. */
export const LIMIT_TOLD_MS = 300;
/** Pause after a round of calls without progress, doubled from min to max. */
export const ROUND_PAUSE_MS_MIN = 100;
export const ROUND_PAUSE_MS_MAX = 10_000;
/** An object whose clock stands still and is ahead of the machine's clock by more than this restarts; a smaller difference is over soon. */
export const CLOCK_BEHIND_MS_MAX = 1_000;
/** Time for answers to leave before the restart, and pause until the next instance is called. */
export const RESTART_MS = 100;
/** How long the Worker waits for a call to begin in its object: people leave sooner, and storefronts wait longer. */
export const CALL_PATIENCE_MS = 10_000;
/** How long a confirmation waits for D1 by default. */
export const CONFIRM_WAIT_MS = 1000;
/** How long a caller waits for a cart or drop, to hear before the Worker gives up; the cart or drop continues without it. */
export const CALLER_PATIENCE_MS = 9_000;
/** Cart objects: at 500 carts a second each, what a drop of 100 SKUs sells in its first second. */
export const CART_OBJECTS = 64;
/** Carts that one alarm of a Cart object takes up at once: about 20 ms of its thread. */
export const CARTS_PER_ALARM_MAX = 100;
/** How long an alarm waits for those carts, so that one that cannot go on holds up no other. */
export const CART_ALARM_MS = 500;
/** How long a cart that has ended stays in its object, as reservations do by default; D1 has it for longer. */
export const CART_KEPT_MS = (24 + 48) * 60 * 60 * 1000;
/** Carts that one alarm lets go of: about 20 ms of the thread. */
export const CARTS_RETIRED_MAX = 200;
/** Unfinished carts that a Cart object has in memory, 2 kB each: the others are read again when they go on. */
export const CARTS_IN_MEMORY_MAX = 5_000;
/** Commands in one call of a Cart object to a SKU: as many as that judges in one group. */
export const LINE_COMMANDS_PER_CALL_MAX = 100;
/** While a call to a SKU is under way, what comes gathers for the next one, but no longer than this. */
export const LINE_CALL_PACE_MS = 50;
/** Commands that wait for a call to one SKU: past that the SKU is taken for overloaded. */
export const LINE_COMMANDS_WAITING_MAX = 5_000;
/** Lines of one cart; at most this many objects take part in one decision. */
export const CART_LINES_MAX = 20;
/** SKUs of one drop: a shoe in all sizes and colors, few enough that a change reaches all of them within a second. */
export const DROP_SKUS_MAX = 100;
/** Waiting customers of one SKU: about 30 MB of the object's storage. */
export const WAITING_MAX = 100_000;
/** Waitlist entries that one transaction serves or ends: about 10 ms, like a sweep. */
export const SERVE_ENTRIES_MAX = 500;
/** Positions are announced to this many entries at the front, and at most this often. */
export const POSITIONS_ANNOUNCED_MAX = 100;
export const POSITIONS_INTERVAL_MS = 5_000;
/** How long before its opening a SKU is woken, so that the first calls find it awake. */
export const WARM_UP_MS = 5_000;
/** `Prefer: wait`, seconds. */
export const WAIT_SECONDS_MAX = 10;
/** Events in one D1 write: about 400 kB of JSON in the usual case. */
export const RECORD_EVENTS_MAX = 500;
/** Characters of one JSON parameter of a D1 write: at three bytes each still below D1's limit of 2 MB. */
export const RECORD_PARAMETER_CHARS_MAX = 600_000;
/** Sockets on a SKU's own object, and stock frames per second to all of them together: at 20 µs each, a hundredth of its only thread. */
export const DIRECT_WATCHERS_MAX = 200;
export const DIRECT_FRAMES_PER_SECOND = 500;
/** Sockets on one Relay: a change of state takes a twentieth of a second of its thread for all of them. */
export const WATCHERS_MAX = 5_000;
/** A SKU that accepted no more sockets is not asked again for this long; its new watchers go to Relays. */
export const DIRECT_FULL_MS = 10_000;
/** A tier of Relays that was full is not tried again for this long: sockets stay for minutes. */
export const TIER_FULL_MS = 60_000;
/** Warnings that one socket remembers: about 6 kB of the 16 kB that a socket's attachment may have. */
export const WARNINGS_REMEMBERED_MAX = 100;
/** Bytes of a client's frame on the live socket; the only valid frame has 15. */
export const FRAME_BYTES_MAX = 1024;
/** D1 writes of one SKU start at most this often: each takes about a millisecond of D1's only thread. */
export const RECORD_PACE_MS = 50;
/** Of each of the 64 Cart objects while nobody waits for D1: together they take a sixteenth of its thread, however full they are. */
export const CART_RECORD_PACE_MS = 1_000;
/** A D1 write that takes longer is abandoned and repeated: D1 itself stops a query after 30 s. */
export const RECORD_TIMEOUT_MS = 35_000;
/** Backoff while D1 fails: doubled from min to max with jitter, for ever. */
export const RECORD_BACKOFF_MS_MIN = 200;
export const RECORD_BACKOFF_MS_MAX = 30_000;
/** Queue messages of one stream are sent at most this often: a queue takes 5,000 a second, enough for a thousand hot SKUs. */
export const NEWS_PACE_MS = 250;
/** Delay before a queue message that failed is retried, doubled from min to max. */
export const NEWS_RETRY_SECONDS_MIN = 2;
export const NEWS_RETRY_SECONDS_MAX = 600;
/** Delay before dead letters that could not be recorded are retried: D1 is then down for longer than expected. */
export const DEAD_LETTER_RETRY_SECONDS = 3_600;
/** Refusal counts are sent at most this often: they are read by the minute. */
export const REFUSALS_PACE_MS = 2_000;
/** Events that one step of the roll-up counts: about 50 ms of D1's only thread. */
export const ROLLUP_EVENTS_MAX = 2_000;
/** Buckets of one analytics answer: a day by the minute. */
export const ANALYTICS_BUCKETS_MAX = 1_440;
export const BUCKET_SECONDS_DEFAULT = 60;
/** Buckets when the query has no `from`: an hour by the minute. */
export const ANALYTICS_BUCKETS_DEFAULT = 60;
/** Buckets of the time from hold to confirmation, in seconds: a saved card, a typed card, a bank's app, second thoughts. */
export const HOLD_TO_CONFIRM_SECONDS = [5, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600] as const;
/** How long after a commit the alarm checks that its events reached D1, in case the object died in between. */
export const RECORD_GRACE_MS = 5_000;
/** An alarm is set at least this far ahead: one at or behind the present can stall. */
export const ALARM_AHEAD_MS_MIN = 50;
/** Pause after the alarm itself failed. */
export const ALARM_RETRY_MS = 30_000;
/** An alarm that is this late has been lost and is set again. */
export const ALARM_LOST_MS = 5_000;
/** SKUs on one live socket: a drop in all its sizes, and no more objects than one call may reach. */
export const LIVE_SKUS_MAX = 50;
/** SKUs of a joining socket are asked in groups; each group is this many times as large as the previous one: 50 SKUs in four rounds. */
export const JOIN_GROUP_GROWTH = 4;
/** Tiers of Relays, of 1, 2, 4 … 32 objects: 315,000 sockets. Feeding all 63 four times a second takes a fifth of a SKU's thread. */
export const RELAY_TIERS = 6;
/** A SKU feeds each Relay at most this often; the latest state is always sent. */
export const RELAY_INTERVAL_MS = 250;
/** Personal frames queued for one Relay, and the same number of lost ones: one for each customer who fits there. */
export const PERSONAL_FRAMES_MAX = 5_000;
/** Retries of lost frames, for a minute in all: a timer also keeps the SKU in memory, so that it does not forget them. */
export const RELAY_RETRY_MS = 5_000;
export const RELAY_RETRIES_MAX = 12;
/**
 * Stock frames of one SKU that a Relay sends per second: a twentieth of its thread, so that a drop of a dozen sizes fits. While
 * a SKU's state changes all the time it is twice as many.
 */
export const RELAY_FRAMES_PER_SECOND = 5_000;
/** All watchers hear of a change within this time, however many they are. */
export const FAN_OUT_MS_MAX = 1_000;
/** How often a Relay with watchers asks its SKUs for their state, in case a push was lost. */
export const RELAY_CHECK_MS = 30_000;
/** Webhooks. Each reads the whole log, so fifty of them read each event fifty times. */
export const WEBHOOKS_MAX = 50;
/** Longest URL of a webhook: every browser, proxy and log accepts it. */
export const WEBHOOK_URL_CHARS_MAX = 2048;
/** SKUs that one webhook may name: those of a whole drop. */
export const WEBHOOK_SKUS_MAX = 100;
/** Undelivered events that a webhook loads from the log: about 2 MB. The rest stays in the log. */
export const WEBHOOK_AHEAD_MAX = 1_000;
/** Streams of one webhook that are sent concurrently: one less than the connections that the platform allows an object. */
export const WEBHOOK_STREAMS_MAX = 5;
/** How long a receiver may take to answer: it should store the event and process it later. */
export const WEBHOOK_CALL_MS = 15_000;
/** Failed tries after which a delivery no longer blocks its stream: about eight minutes, longer than a restart or a deployment. */
export const WEBHOOK_HOLDING_TRIES = 5;
/** Pauses between tries; the last one repeats. Each is lengthened by up to a fifth at random, so that tries do not synchronize. */
export const WEBHOOK_PAUSES_MS = [5, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400].map((seconds) => seconds * 1000);
/** A delivery has failed when a try fails this long after the first one: a night and a working day. */
export const WEBHOOK_TRIED_MS = 24 * 60 * 60 * 1000;
/** Longest `Retry-After` that is obeyed: with a longer one no delivery would ever fail. */
export const WEBHOOK_RETRY_AFTER_MS_MAX = 24 * 60 * 60 * 1000;
/** An endpoint that failed for this long was down: its first success makes everything that waits due. */
export const WEBHOOK_OUTAGE_MS = 60_000;
/** An endpoint that failed for this long is stopped as unreachable: a weekend. */
export const WEBHOOK_UNREACHABLE_MS = 3 * 24 * 60 * 60 * 1000;
/** After this long without a try, a failure starts a new outage: longer than any pause between tries. */
export const WEBHOOK_QUIET_MS = 2 * 24 * 60 * 60 * 1000;
/** How long a replaced secret keeps signing: time for the receiver's own deployment. */
export const WEBHOOK_SECRETS_OVERLAP_MS = 24 * 60 * 60 * 1000;
/** Secrets that sign at once: ten rotations a day cover any mishap, and the header stays within 500 bytes. */
export const WEBHOOK_SECRETS_MAX = 10;
/** A webhook reads the log at least this often, in case no message woke it. */
export const WEBHOOK_LOOK_MS = 60_000;
/** Ended deliveries that a webhook keeps, newest first: about 200 MB of the object's 10 GB. */
export const WEBHOOK_DELIVERIES_KEPT_MAX = 100_000;
/** They are removed in portions of this size: each removal scans what is kept. */
export const WEBHOOK_DELIVERIES_LEAVING = 1_000;
/** Characters of an endpoint's or the network's error message in the delivery log. */
export const WEBHOOK_ERROR_CHARS_MAX = 200;
/** Stock frames to one watcher: at most one per interval; the latest state is always sent. */
export const FEED_INTERVAL_MS = 100;
/** Keys are kept at least a day, and everything else a day longer than any caller could need it. */
export const KEY_KEPT_MS = 24 * 60 * 60 * 1000;
export const RETENTION_MARGIN_MS = 24 * 60 * 60 * 1000;
/** The watchdog wakes objects for which something was due for this long, or that changed lately: in twice the time between its runs. */
export const OVERDUE_MS = 60_000;
export const CHANGED_LATELY_MS = 600_000;
/** Objects of one kind and reason that one look wakes, with one call each: far below the calls that one run may make. */
export const WOKEN_MAX = 100;
/** Characters of an error in a line of the log: its message, and not a whole page that came with it. */
export const LOG_ERROR_CHARS_MAX = 1_000;
