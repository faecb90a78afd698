import { DurableObject } from "cloudflare:workers";

/** An object with an alarm: `begin` has its constructor run, which sees to that, and does nothing else. */
export abstract class AlarmObject extends DurableObject<Env> {
  begin(): void {}
}
