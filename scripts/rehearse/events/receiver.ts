import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Random } from "../crowd/random.ts";
import type { CloudEvent } from "./cloud-event.ts";
import { Inbox } from "./inbox.ts";

const host = "127.0.0.1";
/** A failure holds its stream up for five seconds, a second one of the same event for half a minute. */
const failuresPerStreamMax = 8;
const slowMs = { least: 200, most: 1500 };

type Mood = "fine" | "refuse" | "hang up" | "dawdle";
const moods: readonly (readonly [weight: number, mood: Mood])[] = [
  [950, "fine"],
  [15, "refuse"],
  [15, "hang up"],
  [20, "dawdle"],
];

/** An endpoint for webhooks on this machine, as bad as real ones are: now and then it fails, is cut off, or takes its time. */
export class Receiver {
  readonly inbox = new Inbox();
  /** How often it behaved in which way. */
  readonly moods = new Map<Mood, number>();
  readonly #random: Random;
  readonly #server: Server;
  readonly #failures = new Map<string, number>();
  readonly #secret = Promise.withResolvers<string>();

  private constructor(random: Random) {
    this.#random = random;
    this.#server = createServer((request, response) => {
      // Whoever called has died: it calls again.
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Opens the endpoint at a free port; it answers once it knows by which secret calls are signed. */
  static start(random: Random): Promise<Receiver> {
    const receiver = new Receiver(random);
    // Should the rehearsal end early, nothing waits for calls any more.
    receiver.#server.unref();
    return new Promise((resolve, reject) => {
      receiver.#server.once("error", reject);
      receiver.#server.listen(0, host, () => resolve(receiver));
    });
  }

  get url(): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}/events`;
  }

  trust(secret: string): void {
    this.#secret.resolve(secret);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const event = this.inbox.receive(request.headers, body, await this.#secret.promise);
    const mood = event === null ? "fine" : this.#moodFor(event);
    this.moods.set(mood, (this.moods.get(mood) ?? 0) + 1);
    if (mood === "hang up") return void response.destroy();
    if (mood === "refuse") return void response.writeHead(500).end();
    if (mood === "dawdle") {
      await new Promise((resolve) => setTimeout(resolve, this.#random.between(slowMs.least, slowMs.most)));
    }
    if (event !== null) this.inbox.take(event);
    response.writeHead(204).end();
  }

  #moodFor({ id, data }: CloudEvent): Mood {
    const mood = this.#random.weighted(moods);
    if (mood === "fine" || mood === "dawdle") return mood;
    const failures = this.#failures.get(data.stream) ?? 0;
    if (this.inbox.calls.get(id) !== 1 || failures === failuresPerStreamMax) return "fine";
    this.#failures.set(data.stream, failures + 1);
    return mood;
  }
}
