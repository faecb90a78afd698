import { createApp } from "./http/app.ts";

export { SkuObject } from "./objects/sku-object.ts";

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
