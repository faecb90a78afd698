import { runInDurableObject } from "cloudflare:test";

export type Methods = Record<string, (this: object, ...given: unknown[]) => Promise<unknown>>;

/** The prototype that has a method of an object's class: only what a prototype has can be called from another object. */
export function prototypeOf<Instance extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<Instance>,
  method: string,
): Promise<Methods> {
  return runInDurableObject(stub, (instance: object) => {
    let prototype = Object.getPrototypeOf(instance);
    while (!Object.hasOwn(prototype, method)) prototype = Object.getPrototypeOf(prototype);
    return prototype as Methods;
  });
}
