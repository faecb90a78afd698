import { followLog } from "../events/consumer.ts";
import { type LogEvent, workerLogger } from "../logger.ts";
import { removeOld } from "./retention.ts";
import { wakeSuspects } from "./watchdog.ts";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What the service does every five minutes without being called. One part that fails does not keep the others from running. */
export async function runScheduled(_controller: ScheduledController, env: Env): Promise<void> {
  await attempt("watchdog_failed", () => wakeSuspects(env));
  // In case the news of the last events was lost: nobody else tells before the next event.
  await attempt("watchdog_failed", () => followLog(env));
  await attempt("retention_failed", () => removeOld(env, pause));
}

async function attempt(failure: LogEvent, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    workerLogger.log(failure, { error });
  }
}
