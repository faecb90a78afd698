import type { News } from "./domain/log.ts";
import { consume } from "./events/consumer.ts";
import { createApp } from "./http/app.ts";

export { AllowanceObject } from "./objects/allowance-object.ts";
export { CartObject } from "./objects/cart-object.ts";
export { DropObject } from "./objects/drop-object.ts";
export { RelayObject } from "./objects/relay-object.ts";
export { SkuObject } from "./objects/sku-object.ts";
export { WallClock } from "./objects/wall-clock.ts";
export { WebhookObject } from "./objects/webhook-object.ts";

const app = createApp();

export default { fetch: app.fetch, queue: consume } satisfies ExportedHandler<Env, News>;
