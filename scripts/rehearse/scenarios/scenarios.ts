import { drop } from "./drop/drop.ts";
import type { Scenario } from "./scenario.ts";
import { sku } from "./sku/sku.ts";

/** What is rehearsed when nothing else is said. */
export const usualScenario: Scenario = sku;

/** The others, each by the flag that asks for it. */
export const scenarios: Readonly<Record<string, Scenario>> = { drop };
