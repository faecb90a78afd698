import { LOG_ERROR_CHARS_MAX } from "./domain/bounds.ts";

/** Every event that the service logs, with its level. docs/OPERATIONS.md says what each means and what to do. */
export const LOG_LEVELS = {
  alarm_failed: "error",
  archive_read_failed: "warn",
  cart_call_failed: "warn",
  cart_failed: "error",
  clock_check_failed: "warn",
  clock_stuck: "warn",
  d1_write_failed: "warn",
  dead_letters_received: "error",
  dead_letters_write_failed: "error",
  drop_call_failed: "warn",
  drop_limit_unavailable: "warn",
  feed_publish_failed: "error",
  key_server_failed: "warn",
  loan_check_failed: "warn",
  peer_check_failed: "warn",
  peer_notice_failed: "warn",
  queue_batch_failed: "warn",
  queue_send_failed: "warn",
  refusal_counts_lost: "warn",
  refusal_counts_write_failed: "warn",
  relay_check_failed: "warn",
  relay_frames_lost: "error",
  relay_push_failed: "warn",
  request_failed: "error",
  rescue_call_failed: "warn",
  retention_failed: "warn",
  sku_count_failed: "warn",
  watchdog_failed: "warn",
  watchdog_wake_failed: "warn",
  webhook_read_failed: "warn",
  webhook_wake_failed: "warn",
} as const satisfies Record<string, "warn" | "error">;

export type LogEvent = keyof typeof LOG_LEVELS;

/** The Worker, or the kind of an object. */
export type LoggedObject = "worker" | "sku" | "cart" | "drop" | "allowance" | "relay" | "webhook";

/** What a line tells beside its event: names of SKUs, drops, carts and webhooks, ids and numbers. Never a customer's name. */
export interface LogDetails {
  error?: unknown;
  [detail: string]: unknown;
}

/** Logs for one object, or for the Worker: each event is one line of JSON that begins with its level, event, object and name. */
export class Logger {
  readonly #object: LoggedObject;
  readonly #name: string | undefined;

  /** `name`: of the object; the Worker has none. */
  constructor(object: LoggedObject, name?: string) {
    this.#object = object;
    this.#name = name;
  }

  log(event: LogEvent, { error, ...details }: LogDetails = {}): void {
    const level = LOG_LEVELS[event];
    const cause = error === undefined ? undefined : String(error).slice(0, LOG_ERROR_CHARS_MAX);
    const line = { level, event, object: this.#object, name: this.#name, ...details, error: cause };
    console[level](JSON.stringify(line));
  }
}

export const workerLogger = new Logger("worker");
