import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type MockInstance, vi } from "vitest";
import type { RelayObject } from "../../src/objects/relay-object.ts";
import type { SkuObject } from "../../src/objects/sku-object.ts";
import type { ObjectSale } from "../objects/object-sale.ts";

/** The Relay that holds all sockets over several SKUs. */
export function relay(): DurableObjectStub<RelayObject> {
  return env.RELAY.getByName("relay-0");
}

/** Lets the Relay's alarm ring now; false when none is set. */
export function ringRelay(): Promise<boolean> {
  return runDurableObjectAlarm(relay());
}

export function relayAlarmAt(): Promise<number | null> {
  return runInDurableObject(relay(), (_instance, state) => state.storage.getAlarm());
}

/** Sockets that the Relay holds, closing ones included. */
export function relaySockets(): Promise<number> {
  return runInDurableObject(relay(), (_instance, state) => state.getWebSockets().length);
}

/** Sends the Relay to sleep with its sockets open. */
export function hibernateRelay(): Promise<void> {
  return evictDurableObject(relay(), { webSockets: "hibernate" });
}

/** What SKUs push to the Relay, to be counted or broken until the spy is restored. */
export function spyOnPushes(): Promise<MockInstance<RelayObject["push"]>> {
  return runInDurableObject(relay(), (instance) =>
    vi.spyOn(Object.getPrototypeOf(instance) as RelayObject, "push"),
  );
}

/** What Relays ask SKUs, to be slowed down until the spy is restored. */
export function spyOnWatches(sale: ObjectSale): Promise<MockInstance<SkuObject["watch"]>> {
  return runInDurableObject(sale.stub, (instance) => vi.spyOn(Object.getPrototypeOf(instance) as SkuObject, "watch"));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
