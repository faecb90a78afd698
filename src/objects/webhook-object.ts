import { DurableObject } from "cloudflare:workers";

/** One webhook: follows the log from where it stands, and delivers what it was registered for. */
export class WebhookObject extends DurableObject<Env> {
  /** The log has grown. */
  async wake(): Promise<void> {}
}
