/** How far the objects of this service are from each other; on the platform no two have to share a machine. */
export interface Distance {
  /** Milliseconds added to each call of an object to another one. */
  CALL_MS?: string;
}

/** An object's bindings, with that time added to each of its calls. */
export function withDistance<Near extends Env & Distance>(env: Near): Near {
  const ms = Number(env.CALL_MS ?? 0);
  if (ms === 0) return env;
  const { SKU, CART, ALLOWANCE, DROP, RELAY, WEBHOOK } = env;
  const distant = Object.entries({ SKU, CART, ALLOWANCE, DROP, RELAY, WEBHOOK }).map(([name, namespace]) => [
    name,
    { getByName: (object: string) => distantStub(() => namespace.getByName(object), ms) },
  ]);
  return { ...env, ...Object.fromEntries(distant) };
}

type Methods = Record<string, (...given: unknown[]) => unknown>;

function distantStub(near: () => object, ms: number): object {
  const call =
    (method: string) =>
    async (...given: unknown[]) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return (near() as Methods)[method]?.(...given);
    };
  // A stub that is returned from an async function is asked whether it is a promise.
  return new Proxy({}, { get: (_stub, method) => (method === "then" ? undefined : call(String(method))) });
}
