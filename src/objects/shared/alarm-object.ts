import { DurableObject } from "cloudflare:workers";

/** An object with an alarm. `begin` runs its constructor, which checks the alarm, and does nothing else. */
export abstract class AlarmObject extends DurableObject<Env> {
  begin(): void {}
}
