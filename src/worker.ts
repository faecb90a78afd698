export { SkuObject } from "./objects/sku-object.ts";

export default {
  fetch(): Response {
    return new Response("ok");
  },
} satisfies ExportedHandler<Env>;
