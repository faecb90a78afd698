import { DurableObject } from "cloudflare:workers";

export class SkuObject extends DurableObject {}

export default {
  fetch(): Response {
    return new Response("ok");
  },
} satisfies ExportedHandler;
