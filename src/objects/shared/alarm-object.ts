import { DurableObject } from "cloudflare:workers";

/** An object with an alarm. `begin` wakes it: its alarm is checked, and what waits to be sent is sent. */
export abstract class AlarmObject extends DurableObject<Env> {
  begin(): void {}
}
