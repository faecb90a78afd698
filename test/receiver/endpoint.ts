import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { expect, vi } from "vitest";
import type { WebhookObject } from "../../src/objects/webhook/webhook-object.ts";
import { type Answer, type Body, call, tokenFor } from "../client.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      RECEIVER: {
        plan(host: string, answers: readonly PlannedAnswer[]): Promise<void>;
        calls(host: string): Promise<ReceivedCall[]>;
      };
    }
  }
}

/** Outlives the days by which tests move the clock. */
const admin = await tokenFor("admin", "root", "365d");

/** How the endpoint answers a call; `hang` milliseconds late. */
export interface PlannedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  hang?: number;
}

interface ReceivedCall {
  method: string;
  pathname: string;
  headers: Record<string, string>;
  body: string;
}

export interface CloudEvent {
  id: string;
  type: string;
  subject: string;
  sequence: string;
  data: Body & { stream: string; sequence: number; position: number; previous: number | null };
}

interface Wanted {
  events?: string[];
  skus?: string[];
  answers?: readonly PlannedAnswer[];
}

/** A webhook and the endpoint that it calls, a host of its own. */
export class Endpoint {
  readonly host: string;
  readonly id: string;
  secret: string;

  private constructor(host: string, id: string, secret: string) {
    this.host = host;
    this.id = id;
    this.secret = secret;
  }

  /** Registers it for all events, or for some, answering 204 unless told otherwise. */
  static async register({ events = ["*"], skus, answers = [{ status: 204 }] }: Wanted = {}): Promise<Endpoint> {
    const host = `${crypto.randomUUID()}.example`;
    await env.RECEIVER.plan(host, answers);
    const body = { url: `https://${host}/hook`, events, ...(skus ? { skus } : {}) };
    const answer = await call("POST", "/v1/webhooks", { as: admin, body });
    expect(answer.status).toBe(201);
    return new Endpoint(host, String(answer.body.id), String(answer.body.secret));
  }

  get stub(): DurableObjectStub<WebhookObject> {
    return env.WEBHOOK.getByName(this.id);
  }

  /** How it answers from now on. */
  answers(...answers: PlannedAnswer[]): Promise<void> {
    return env.RECEIVER.plan(this.host, answers);
  }

  /** What it was sent: each call verified as a receiver does it. */
  async received(): Promise<CloudEvent[]> {
    const verifier = new Webhook(this.secret);
    return (await env.RECEIVER.calls(this.host)).map(({ headers, body }) => {
      expect(headers["content-type"]).toContain("application/cloudevents+json");
      // It came in when it was signed, however far the clock has moved since.
      const clock = vi.spyOn(Date, "now").mockReturnValue(Number(headers["webhook-timestamp"]) * 1000);
      try {
        const event = verifier.verify(body, headers) as CloudEvent;
        expect(headers["webhook-id"]).toBe(event.id);
        return event;
      } finally {
        clock.mockRestore();
      }
    });
  }

  /** The calls as they came in. */
  calls(): Promise<ReceivedCall[]> {
    return env.RECEIVER.calls(this.host);
  }

  /** Waits until it was called so often, and all of its answers have arrived. */
  async calledTimes(count: number): Promise<void> {
    await vi.waitFor(async () => {
      const attempts = (await this.deliveries()).map((delivery) => Number(delivery.attempts));
      expect(attempts.reduce((sum, one) => sum + one, 0)).toBe(count);
    }, 4000);
    expect(await this.calls()).toHaveLength(count);
  }

  /** Tells it that the log has grown. */
  async wake(): Promise<void> {
    await this.stub.wake();
  }

  /** Lets the alarm ring now; false when none is set. */
  ring(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }

  /** When the alarm will ring. */
  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.stub, (_instance, state) => state.storage.getAlarm());
  }

  /** Its deliveries as the API lists them, in the order of events. */
  async deliveries(status?: string): Promise<Body[]> {
    const query = status === undefined ? "?limit=200" : `?limit=200&status=${status}`;
    const answer = await this.get(`/deliveries${query}`);
    return (answer.body.items as Body[]).reverse();
  }

  /** The webhook as the API shows it. */
  async state(): Promise<Body> {
    return (await this.get("")).body;
  }

  get(path: string): Promise<Answer> {
    return call("GET", `/v1/webhooks/${this.id}${path}`, { as: admin });
  }

  post(path: string, body: Body = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return call("POST", `/v1/webhooks/${this.id}${path}`, { as: admin, body, headers });
  }
}
