import { workerLogger } from "../logger.ts";
import { removeOld } from "./retention.ts";

/** What the service does every five minutes without being called. */
export async function runScheduled(_controller: ScheduledController, env: Env): Promise<void> {
  try {
    await removeOld(env, (ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  } catch (error) {
    workerLogger.log("retention_failed", { error });
  }
}
