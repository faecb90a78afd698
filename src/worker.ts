import type { News } from "./domain/log.ts";
import { consume } from "./events/consumer.ts";
import { createApp } from "./http/app.ts";
import { runScheduled } from "./scheduled/scheduled.ts";

export { AllowanceObject } from "./objects/allowance/allowance-object.ts";
export { CartObject } from "./objects/cart/cart-object.ts";
export { DropObject } from "./objects/drop/drop-object.ts";
export { RelayObject } from "./objects/relay/relay-object.ts";
export { WallClock } from "./objects/shared/wall-clock.ts";
export { SkuObject } from "./objects/sku/sku-object.ts";
export { WebhookObject } from "./objects/webhook/webhook-object.ts";

const app = createApp();

export default { fetch: app.fetch, queue: consume, scheduled: runScheduled } satisfies ExportedHandler<Env, News>;
