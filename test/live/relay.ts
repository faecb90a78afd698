import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, type MockInstance, vi } from "vitest";
import type { RelayObject } from "../../src/objects/relay/relay-object.ts";
import type { SkuObject } from "../../src/objects/sku/sku-object.ts";
import { evictDurableObject } from "../eviction.ts";
import { ObjectSale } from "../objects/object-sale.ts";

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
  return runInDurableObject(relay(), (instance) => vi.spyOn(Object.getPrototypeOf(instance) as RelayObject, "push"));
}

/** Something on its way that waits for a test. Objects cannot wait for each other's promises, so both sides look. */
class Gate {
  #hasArrived = false;
  #isOpen = false;

  /** Waits until what is to be held has come. */
  async arrival(): Promise<void> {
    while (!this.#hasArrived) await pause(5);
  }

  letGo(): void {
    this.#isOpen = true;
  }

  async pass(): Promise<void> {
    this.#hasArrived = true;
    while (!this.#isOpen) await pause(5);
  }
}

/** Stops the next push of one SKU at the Relay, before it is taken in or when only its answer is left to be given. */
export function holdPush(sale: ObjectSale, point: "before" | "after"): Promise<Gate> {
  return runInDurableObject(relay(), (instance) => {
    const gate = new Gate();
    let isNext = true;
    const prototype = Object.getPrototypeOf(instance) as RelayObject;
    const original = prototype.push;
    vi.spyOn(prototype, "push").mockImplementation(async function (this: RelayObject, pushed) {
      if (pushed.sku !== sale.name || !isNext) return original.call(this, pushed);
      isNext = false;
      if (point === "before") await gate.pass();
      const answer = await original.call(this, pushed);
      if (point === "after") await gate.pass();
      return answer;
    });
    return gate;
  });
}

/** Stops the next answer of one SKU to the Relay that asks how it stands. */
export function holdScene(sale: ObjectSale): Promise<Gate> {
  return runInDurableObject(sale.stub, (instance) => {
    const gate = new Gate();
    let isNext = true;
    const prototype = Object.getPrototypeOf(instance) as SkuObject;
    const original = prototype.watch;
    vi.spyOn(prototype, "watch").mockImplementation(async function (this: SkuObject, relayName, customer) {
      const scene = await original.call(this, relayName, customer);
      if (this !== instance || !isNext) return scene;
      isNext = false;
      await gate.pass();
      return scene;
    });
    return gate;
  });
}

/** Makes one SKU fail whenever it is asked how it stands, until mocks are restored. */
export function failScenes(sale: ObjectSale): Promise<void> {
  return runInDurableObject(sale.stub, (instance) => {
    const prototype = Object.getPrototypeOf(instance) as SkuObject;
    const original = prototype.watch;
    vi.spyOn(prototype, "watch").mockImplementation(async function (this: SkuObject, relayName, customer) {
      if (this === instance) throw new Error("failed on purpose");
      return original.call(this, relayName, customer);
    });
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until the Relay has no socket any more. */
export function allGone(): Promise<void> {
  return vi.waitFor(async () => expect(await relaySockets()).toBe(0), 5000);
}

/** Whether no version is older than the one before it. */
export function neverBack(versions: readonly number[]): boolean {
  return versions.every((version, index) => index === 0 || version >= (versions[index - 1] ?? 0));
}

/** SKUs with plenty, without a limit. */
export function plenty(count: number): Promise<ObjectSale[]> {
  return Promise.all(Array.from({ length: count }, () => ObjectSale.open(2000, { perCustomerLimit: null })));
}

export function namesOf(sales: readonly ObjectSale[]): string[] {
  return sales.map(({ name }) => name);
}

/** After the sockets are gone nothing may be left: no SKU that feeds the Relay, no alarm that goes on. */
export async function expectNothingLeft(sales: readonly ObjectSale[]): Promise<void> {
  await allGone();
  await Promise.all(sales.map((sale) => sale.hold()));
  for (const sale of sales) await vi.waitFor(async () => expect(await sale.count("relay")).toBe(0), 3000);
  const push = await spyOnPushes();
  await Promise.all(sales.map((sale) => sale.hold()));
  await pause(600);
  expect(push).not.toHaveBeenCalled();
  await ringRelay();
  expect(await relayAlarmAt()).toBeNull();
}
