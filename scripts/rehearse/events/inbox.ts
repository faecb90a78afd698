import type { IncomingHttpHeaders } from "node:http";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { type CloudEvent, cloudEvent, contentType } from "./cloud-event.ts";

/** Everything that arrived at the receiver, judged as it came. */
export class Inbox {
  /** Every event, as it was told first. */
  readonly events = new Map<string, CloudEvent>();
  /** How often each was told. */
  readonly calls = new Map<string, number>();
  /** Calls that were not signed, or not in the promised form. */
  readonly malformed: string[] = [];
  /** Events that were told before the one before them was taken. */
  readonly disorder: string[] = [];
  /** Events that were told again in other words. */
  readonly retold: string[] = [];
  readonly #bodies = new Map<string, string>();
  /** The last sequence of each stream that was taken. */
  readonly #taken = new Map<string, number>();
  readonly #takenIds = new Set<string>();

  /** A call has arrived; null when nobody can tell what it is about. */
  receive(headers: IncomingHttpHeaders, body: string, secret: string): CloudEvent | null {
    const name = String(headers["webhook-id"] ?? "a call without webhook-id");
    this.#checkSignature(name, headers, body, secret);
    const parsed = parse(body);
    if (parsed.success === false) {
      this.malformed.push(`${name}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
      return null;
    }
    const event = parsed.data;
    if (name !== event.id) this.malformed.push(`${name} is the webhook-id of ${event.id}`);
    this.calls.set(event.id, (this.calls.get(event.id) ?? 0) + 1);
    const before = this.#bodies.get(event.id);
    if (before === undefined) this.#keep(event, body);
    else if (before !== body) this.retold.push(`${event.id} was told as ${before} and as ${body}`);
    return event;
  }

  /** Its sender is about to hear that the event was taken. */
  take({ id, data }: CloudEvent): void {
    this.#takenIds.add(id);
    this.#taken.set(data.stream, Math.max(data.sequence, this.#taken.get(data.stream) ?? 0));
  }

  /** Calls of all events. */
  get callCount(): number {
    return [...this.calls.values()].reduce((sum, times) => sum + times, 0);
  }

  /** The sources that events were said to come from. */
  get sources(): Set<string> {
    return new Set(Array.from(this.events.values(), ({ source }) => source));
  }

  hasTaken(id: string): boolean {
    return this.#takenIds.has(id);
  }

  #keep(event: CloudEvent, body: string): void {
    const { stream, sequence, previous } = event.data;
    this.events.set(event.id, event);
    this.#bodies.set(event.id, body);
    const last = this.#taken.get(stream) ?? null;
    if (last !== null && sequence !== last + 1) this.disorder.push(`${event.id} was told when ${last} was the last`);
    else if (previous !== last)
      this.disorder.push(`${event.id} says that it follows ${previous}, but ${last} was the last`);
  }

  #checkSignature(name: string, headers: IncomingHttpHeaders, body: string, secret: string): void {
    try {
      new Webhook(secret).verify(body, headers as Record<string, string>);
    } catch (error) {
      this.malformed.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
    const type = headers["content-type"] ?? "nothing";
    if (!contentType.test(type)) this.malformed.push(`${name} is said to be ${type}`);
  }
}

function parse(body: string): z.ZodSafeParseResult<CloudEvent> {
  try {
    return cloudEvent.safeParse(JSON.parse(body));
  } catch {
    return cloudEvent.safeParse(body);
  }
}
