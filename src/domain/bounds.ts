/**
 * Every bound of the service, each with its argument. A bound is inclusive: the value itself is still allowed.
 */

/** Longest name of a SKU: fits a URL segment, a log line and an object's name (1,024 bytes) with room to spare. */
export const SKU_NAME_CHARS_MAX = 64;
/** Longest title shown to people. */
export const TITLE_CHARS_MAX = 200;
/** Longest name of a customer, in code points: the longest e-mail address (254) fits, and at most 1,020 bytes are kept. */
export const CUSTOMER_CODE_POINTS_MAX = 255;
/** How far the clock of whoever signs tokens may be ahead: `nbf` and `iat`. It is no leeway for `exp`. */
export const TOKEN_LEEWAY_SECONDS = 10;
/** The key server is asked at most this often, however many tokens name a key that nobody knows. */
export const KEYS_ASK_MS = 10_000;
/** A call of it is given up before the next one may begin. */
export const KEYS_CALL_MS = 5_000;
/** Keys that are older are asked for again while they go on: for so long a withdrawn key may still count. */
export const KEYS_FRESH_MS = 60_000;
/** While the key server is away its last keys go on for a day: time to bring it back, and an end for keys that were withdrawn. */
export const KEYS_KEPT_MS = 24 * 60 * 60 * 1000;
/** Longest id that is looked up; ours have 36 characters. */
export const ID_CHARS_MAX = 128;
/** Longest order id: a UUID, or the number of any shop system. */
export const ORDER_ID_CHARS_MAX = 128;
/**
 * Orders that one reservation or cart refuses for good, each remembered in it for as long as it exists. Two payments for one
 * claim are an accident and ten a bad day; a hundred are a loop, whose next order is refused as invalid and writes nothing.
 * A hundred ids of 128 characters are 20 kB in each event of that reservation, which D1 and the object take in one row.
 */
export const REFUSED_ORDERS_MAX = 100;
/** Refunds that a reservation or cart shows, the newest: what an operator looks at, in a frame of a few kB. */
export const REFUNDS_SHOWN_MAX = 20;
/** Longest reason of an adjustment: a sentence for the audit. */
export const REASON_CHARS_MAX = 200;
/** Longest idempotency key, in visible ASCII (RFC draft and every peer allow 255). */
export const KEY_CHARS_MAX = 255;

/** Units of one SKU. A drop sells thousands; a million single-unit holds take about 1 GB of the object's 10 GB. */
export const STOCK_MAX = 1_000_000;
/** Units in one reservation, whatever a policy allows: larger claims are a warehouse's, not a shopper's. */
export const QUANTITY_MAX = 10_000;
/** Durations: at least a second, at most a week (a payment by bank transfer). */
export const DURATION_SECONDS_MIN = 1;
export const DURATION_SECONDS_MAX = 7 * 24 * 60 * 60;
/** Largest `abandonsPerHour`: a shopper's rate allows 36,000 calls in an hour, so that this is no limit at all. */
export const ABANDONS_PER_HOUR_MAX = 100_000;
/** What was let go while others were refused counts as so many: six of those in an hour, as the policy stands by default. */
export const ABANDON_WANTED_WEIGHT = 5;
/** How long what somebody let go of counts, from the first of it on. */
export const ABANDON_HOUR_MS = 60 * 60 * 1000;
/** Customers that a SKU remembers as having to wait: about 1 MB. Past that the one who let go first is forgotten. */
export const REHOLD_CUSTOMERS_MAX = 10_000;

/** Metadata of one reservation: enough for a cart line's references. It stands in the reservation and in one event. */
export const METADATA_MEMBERS_MAX = 20;
export const METADATA_BYTES_MAX = 2 * 1024;

/** Content that is kept with a key as it was sent: a digest would be half as long, and most bodies are shorter than this. */
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
/** Longest cursor that is looked at; ours have under 1,800 characters, with the longest customer in any script. */
export const CURSOR_CHARS_MAX = 2048;
/** A customer's own reservations in `/me` and in the live snapshot, newest first; a limit per customer keeps real ones below. */
export const OWN_RESERVATIONS_MAX = 100;

/** Due holds that one transaction releases: about 10 ms, so a command never waits 50 ms for a sweep. */
export const SWEEP_HOLDS_MAX = 500;
/** Sweeps that one alarm runs before it re-arms, so that other events get their turn. */
export const ALARM_SWEEPS_MAX = 20;
/** Old rows that one transaction removes. */
export const RETENTION_ROWS_MAX = 500;
/** Commands that share one transaction: about 30 ms of the thread. */
export const GROUP_COMMANDS_MAX = 1000;
/** Commands that may wait in an object. Past that it sheds load: at 10,000 a second they would wait a second already. */
export const PENDING_COMMANDS_MAX = 10_000;

/** How long a try waits for somebody else's yes: a few calls to objects, with room for one that has to wake far away. */
export const TRY_MS = 10_000;
/** How long a cart keeps trying a line that is short only because of other tries: they last some tens of milliseconds. */
export const CONTENTION_MS = 1_000;
/** Pause between such tries: doubled from the first to the last, for hundreds of carts may wait for one SKU. */
export const CONTENTION_PAUSE_MS_MIN = 40;
export const CONTENTION_PAUSE_MS_MAX = 250;
/** A cart that has not decided by then gives up, while its first try is still alive to be cancelled in order. */
export const CART_DECISION_MS = 8_000;
/** How long a cart tries to lend its lines: several fit into the ten seconds of the try that waits for it. */
export const LEND_PATIENCE_MS = 3_000;
/** How long the next units that come back are kept for a late payment that was told to come again: as long as a try may last. */
export const PROMISE_MS = 10_000;
/** Such payments of one SKU that are remembered: each takes some 100 bytes, and a payment without a promise may still win. */
export const PROMISES_MAX = 1_000;
/** Open claims of a customer that a late payment is judged by; limits keep real customers far below. */
export const OPEN_CLAIMS_MAX = 500;
/** A line that is being confirmed for longer than this has lost its cart from sight: its SKU asks it. */
export const LOCK_MS = 60_000;
/** Whoever was asked about a line or a freeze and could not say is asked again after this. */
export const ASK_AGAIN_MS = 10_000;
/** Events whose notices travel at once: at most that many calls to other objects are under way. */
export const NOTICE_EVENTS_MAX = 100;
/** A call to another object that takes longer is taken for lost, and made again. */
export const OBJECT_CALL_MS = 5_000;
/** Objects that count a drop's limit, chosen by a hash of the customer: at 1,000 calls a second each, ten for each of 100 SKUs. */
export const ALLOWANCE_OBJECTS = 16;
/** Claims in one call to one of them: about 10 ms of its thread. */
export const CLAIMS_PER_CALL_MAX = 500;
/** Claims of one SKU that wait for one of them: with ten calls a second they would wait for two seconds already. */
export const CLAIMS_WAITING_MAX = 10_000;
/** Other reservations of the customer that a refusal names: one person's, and few enough to go with every refusal. */
export const CLAIMS_NAMED_MAX = 100;
/** Before a limit refuses, its SKUs are asked what became of a customer's claims, at most this often: a press in a loop costs nothing. */
export const COUNT_PAUSE_MS = 1_000;
/** A SKU that takes longer for that is taken for away, so that it does not hold up the claims of others for as long as they live. */
export const COUNT_CALL_MS = 2_000;
/** How long a SKU remembers whom a limit refused, longer than anybody waits who presses in a loop; and how many, about 1 MB. */
export const REFUSED_REMEMBERED_MS = 5_000;
export const REFUSED_REMEMBERED_MAX = 10_000;
/** Whoever gives units back is answered once the limit knows of it, or after this: the next claim finds room. */
export const LIMIT_TOLD_MS = 300;
/** Pause after a round of calls that brought nothing: doubled from the first to the last. */
export const ROUND_PAUSE_MS_MIN = 100;
export const ROUND_PAUSE_MS_MAX = 10_000;
/** An object whose clock stands still, and is ahead of the machine's by more than this, begins anew: less costs a moment only. */
export const CLOCK_BEHIND_MS_MAX = 1_000;
/** How long answers have to leave it before, and how long after that somebody calls the next instance. */
export const RESTART_MS = 100;
/** How long the Worker waits for a call to begin in its object: people leave sooner, and a storefront's own patience is longer. */
export const CALL_PATIENCE_MS = 10_000;
/** How long a confirmation waits for D1: an order is worth a moment more. */
export const CONFIRM_WAIT_MS = 1000;
/** How long a caller waits for a cart or a drop to come to an end, so that it hears before the Worker gives up; it goes on without the caller. */
export const CALLER_PATIENCE_MS = 9_000;
/** Lines of one cart; at most that many objects take part in one decision. */
export const CART_LINES_MAX = 20;
/** SKUs of one drop: a shoe in all its sizes and colors, and few enough that a change reaches all within a second. */
export const DROP_SKUS_MAX = 100;
/** People who wait for one SKU: about 30 MB of the object's storage. */
export const WAITING_MAX = 100_000;
/** Entries that one transaction serves or sends home: about 10 ms, like a sweep. */
export const SERVE_ENTRIES_MAX = 500;
/** Positions of at most so many at the front are announced, and at most this often. */
export const POSITIONS_ANNOUNCED_MAX = 100;
export const POSITIONS_INTERVAL_MS = 5_000;
/** How long before its opening a SKU is woken, so that the first calls meet an object that is awake. */
export const WARM_UP_MS = 5_000;

/** `Prefer: wait`, seconds. */
export const WAIT_SECONDS_MAX = 10;
/** Events in one D1 write: about 400 kB of JSON in the usual case. */
export const RECORD_EVENTS_MAX = 500;
/** Characters of one JSON parameter of a D1 write: at three bytes each still below D1's 2 MB. */
export const RECORD_PARAMETER_CHARS_MAX = 600_000;

/** Sockets on a SKU's own object, and stock frames to all of them in a second: by 20 µs each, a hundredth of its only thread. */
export const DIRECT_WATCHERS_MAX = 200;
export const DIRECT_FRAMES_PER_SECOND = 500;
/** Sockets on one Relay: a change of state to all of them takes a twentieth of a second of its thread. */
export const WATCHERS_MAX = 5_000;
/** A SKU that took no more sockets is not asked again for so long; meanwhile its watchers go to the Relays. */
export const DIRECT_FULL_MS = 10_000;
/** A tier of Relays that was found full is not tried again for so long: sockets stay for minutes. */
export const TIER_FULL_MS = 60_000;
/** Warnings that one socket remembers: about 6 kB of the 16 kB that a socket may carry through hibernation. */
export const WARNINGS_REMEMBERED_MAX = 100;
/** A client's frame on the live socket, bytes; the only one there is has 15. */
export const FRAME_BYTES_MAX = 1024;

/** D1 writes of one SKU start at most this often: each costs D1's only thread about a millisecond. */
export const RECORD_PACE_MS = 50;
/** A D1 write that takes longer is given up and repeated: D1 itself stops a query after 30 s. */
export const RECORD_TIMEOUT_MS = 35_000;
/** Backoff while D1 fails: doubled from the first to the last, with jitter, for ever. */
export const RECORD_BACKOFF_MS_MIN = 200;
export const RECORD_BACKOFF_MS_MAX = 30_000;
/** News of one stream leave at most this often: a queue takes 5,000 messages a second, so that a thousand SKUs may be hot. */
export const NEWS_PACE_MS = 250;
/** Whoever waits for news that could not be worked off is tried again after this, doubled up to the last. */
export const NEWS_RETRY_SECONDS_MIN = 2;
export const NEWS_RETRY_SECONDS_MAX = 600;
/** What could not even be recorded as dead is tried again after an hour: D1 is down for longer than anybody expects. */
export const DEAD_LETTER_RETRY_SECONDS = 3_600;
/** Counts of refusals leave at most this often: they are looked at by the minute. */
export const REFUSALS_PACE_MS = 2_000;
/** Events that one step of the roll-up counts: some 50 ms of D1's only thread. */
export const ROLLUP_EVENTS_MAX = 2_000;
/** Buckets of one answer of the analytics: a day by the minute. */
export const ANALYTICS_BUCKETS_MAX = 1_440;
export const BUCKET_SECONDS_DEFAULT = 60;
/** Buckets when nobody says from when on: an hour by the minute. */
export const ANALYTICS_BUCKETS_DEFAULT = 60;
/** Seconds from hold to confirmation, as the histogram tells them apart: a saved card, a typed one, a bank's app, second thoughts. */
export const HOLD_TO_CONFIRM_SECONDS = [5, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600] as const;
/** How long after a commit the alarm looks whether its events reached D1, in case the object died in between. */
export const RECORD_GRACE_MS = 5_000;

/** An alarm is set at least this far ahead: one at or behind the present can stall. */
export const ALARM_AHEAD_MS_MIN = 50;
/** When the alarm itself failed it is tried again after this. */
export const ALARM_RETRY_MS = 30_000;
/** An armed alarm that is this late has been lost and is set anew. */
export const ALARM_LOST_MS = 5_000;

/** SKUs on one live socket: a drop in all its sizes, and no more objects than one call may reach. */
export const LIVE_SKUS_MAX = 50;
/** SKUs of a joining socket are asked in groups, each so many times as large as the one before: 50 of them in four rounds. */
export const JOIN_GROUP_GROWTH = 4;
/** A name that does not exist is remembered so long for anonymous callers, and so many of them: about 2 MB of an isolate's 128. */
export const UNKNOWN_NAME_MS = 10_000;
export const UNKNOWN_NAMES_MAX = 10_000;
/** Tiers of Relays, of 1, 2, 4 … 32: 315,000 sockets. Fed four times a second each, all 63 take a fifth of a SKU's thread. */
export const RELAY_TIERS = 6;
/** A SKU feeds each Relay at most this often; the last state always goes out. */
export const RELAY_INTERVAL_MS = 250;
/** Frames for single customers on their way to one Relay, and as many again that were lost: one for each who fits there. */
export const PERSONAL_FRAMES_MAX = 5_000;
/** Lost ones are tried again so often, for a minute: a timer also keeps the SKU from sleeping and forgetting them. */
export const RELAY_RETRY_MS = 5_000;
export const RELAY_RETRIES_MAX = 12;
/**
 * A Relay sends so many frames of one SKU in a second: a twentieth of its thread, so that a drop of a dozen sizes has room.
 * Where a SKU's state goes to and fro all the time it is twice as many.
 */
export const RELAY_FRAMES_PER_SECOND = 5_000;
/** However many there are, they hear of a change within this. */
export const FAN_OUT_MS_MAX = 1_000;
/** How often a Relay with watchers asks its SKUs how things stand, in case a push was lost for good. */
export const RELAY_CHECK_MS = 30_000;

/** Webhooks: every one reads the whole log, so that fifty of them read each event fifty times. */
export const WEBHOOKS_MAX = 50;
/** Longest URL of a webhook: what every browser, proxy and log takes. */
export const WEBHOOK_URL_CHARS_MAX = 2048;
/** SKUs that one webhook names: those of a whole drop. */
export const WEBHOOK_SKUS_MAX = 100;
/** Undelivered events that a webhook takes ahead of the log: about 2 MB. The rest waits in the log, which keeps it anyway. */
export const WEBHOOK_AHEAD_MAX = 1_000;
/** Streams of one webhook that are sent at once: one connection less than the platform has open for one object. */
export const WEBHOOK_STREAMS_MAX = 5;
/** How long a receiver has to answer: it should only take note, and work later. */
export const WEBHOOK_CALL_MS = 15_000;
/** Tries of one delivery that hold up those behind it: about eight minutes, longer than a restart or a deploy takes. */
export const WEBHOOK_HOLDING_TRIES = 5;
/** Pauses between tries; the last one again and again. Each is drawn out by up to a fifth, so that tries do not march in step. */
export const WEBHOOK_PAUSES_MS = [5, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400].map((seconds) => seconds * 1000);
/** A delivery is given up by the first try that fails so long after its first one: a night and a working day. */
export const WEBHOOK_TRIED_MS = 24 * 60 * 60 * 1000;
/** Longest `Retry-After` that is heeded: with a longer one nothing would ever be given up. */
export const WEBHOOK_RETRY_AFTER_MS_MAX = 24 * 60 * 60 * 1000;
/** An endpoint of which everything failed for so long was down: its first success makes due what waits. */
export const WEBHOOK_OUTAGE_MS = 60_000;
/** An endpoint of which everything failed for so long is taken for gone: a weekend. */
export const WEBHOOK_UNREACHABLE_MS = 3 * 24 * 60 * 60 * 1000;
/** After so long without any try a failure is the first of a new story: longer than any pause between tries. */
export const WEBHOOK_QUIET_MS = 2 * 24 * 60 * 60 * 1000;
/** How long deliveries are signed with a secret that was replaced: time for a receiver's own deploy. */
export const WEBHOOK_SECRETS_OVERLAP_MS = 24 * 60 * 60 * 1000;
/** Secrets that sign at once: ten rotations within a day are enough for any mishap, and their header has 500 bytes. */
export const WEBHOOK_SECRETS_MAX = 10;
/** A webhook looks at the log at least this often, in case nobody told it of news. */
export const WEBHOOK_LOOK_MS = 60_000;
/** Deliveries that a webhook remembers after their end, the newest: about 200 MB of the object's 10 GB. */
export const WEBHOOK_DELIVERIES_KEPT_MAX = 100_000;
/** They leave so many at a time: each time costs a look at everything that is kept. */
export const WEBHOOK_DELIVERIES_LEAVING = 1_000;
/** What an endpoint or the network said about a failure, in characters of the log. */
export const WEBHOOK_ERROR_CHARS_MAX = 200;

/** Stock frames to one watcher, at most one per this span; the last state always goes out. */
export const FEED_INTERVAL_MS = 100;

/** Keys are kept at least a day, and everything else a day longer than anybody could need it. */
export const KEY_KEPT_MS = 24 * 60 * 60 * 1000;
export const RETENTION_MARGIN_MS = 24 * 60 * 60 * 1000;
