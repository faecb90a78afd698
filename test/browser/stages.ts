import { inject } from "vitest";
import { Stage } from "./browser.ts";
import { startPrepared } from "./prepared.ts";

/** In front of the service that all share: for those who look at SKUs of their own only. */
export function sharedStage(): Promise<Stage> {
  const { shared, browser } = inject("prepared");
  return Stage.open(shared, browser);
}

/** In front of a service that has nothing yet, and nobody else. */
export async function ownStage(): Promise<Stage> {
  const prepared = inject("prepared");
  const service = await startPrepared(prepared);
  return Stage.open(service, prepared.browser, service.stop);
}
