import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CartStore } from "../../src/client/stores/stores.ts";
import type { Reservation } from "../../src/client/wire.ts";
import { json, problem } from "./fake-service.ts";
import { changed, hold, inSeconds, ME, NOON, nothing, pass, shopper } from "./shopper.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

describe("a cart", () => {
  const line = { sku: "shoe", quantity: 1, status: "held", reservation: "r1", problem: null };
  const cart = { id: "c1", status: "held", expiresAt: inSeconds(60), lines: [line], version: 1 };

  it("[CLI9] is found again by a SKU in it, and followed by what happens to its lines", async () => {
    let now: object = cart;
    const { client, sockets } = shopper({
      [ME]: () => json(200, { ...nothing, reservations: [hold({ cart: "c1" })] }),
      "GET /v1/carts/c1": () => json(200, now),
    });
    const store = new CartStore(client, { sku: "shoe" });
    store.subscribe(() => {});
    await pass(50);
    expect(store.get()).toMatchObject({ isKnown: true, cart: { id: "c1" }, secondsLeft: 60 });
    now = { ...cart, status: "confirmed", version: 2 };
    sockets.last.say(changed("confirmed", hold({ cart: "c1", status: "confirmed", version: 9 })));
    await pass(50);
    expect(store.get()).toMatchObject({ cart: { status: "confirmed" }, secondsLeft: null });
  });

  it("[CLI9] is asked about when a snapshot says that a line has become something else", async () => {
    let now: object = cart;
    const { client, sockets, service } = shopper({ "GET /v1/carts/c1": () => json(200, now) });
    const store = new CartStore(client, { id: "c1" });
    store.subscribe(() => {});
    await pass(50);
    const snapshot = (reservations: Reservation[]) => ({ type: "snapshot", sku: "shoe", reservations, waitlist: null });
    sockets.last.say(snapshot([hold({ cart: "c1" })]));
    await pass(50);
    expect(service.sent).toHaveLength(1);
    now = { ...cart, status: "confirming", version: 2 };
    sockets.last.say(snapshot([hold({ cart: "c1", status: "confirmed", version: 9 })]));
    await pass(50);
    expect(store.get()).toMatchObject({ cart: { status: "confirming" }, secondsLeft: null });
    now = { ...cart, status: "confirmed", version: 3 };
    sockets.last.say(changed("confirmed", hold({ cart: "c1", status: "confirmed", version: 10 })));
    await pass(50);
    expect(store.get()).toMatchObject({ cart: { status: "confirmed" } });
  });

  it.each(["before it is found", "at its end"])("[CLI9] is asked for until there is an answer: %s", async (when) => {
    let isDown = when === "before it is found";
    const { client } = shopper({
      "GET /v1/carts/c1": () =>
        isDown
          ? problem(503, "unavailable")
          : json(200, Date.now() < NOON + 60_000 ? cart : { ...cart, status: "expired" }),
    });
    const store = new CartStore(client, { id: "c1" });
    store.subscribe(() => {});
    await pass(40_000);
    isDown = !isDown;
    await pass(90_000);
    isDown = false;
    await pass(60_000);
    expect(store.get()).toMatchObject({ isKnown: true, error: null, cart: { status: "expired" }, secondsLeft: null });
  });

  it("[CLI9] is opened, extended and released", async () => {
    const { client } = shopper({
      "POST /v1/carts": () => json(201, cart),
      "POST /v1/carts/c1/extend": () => json(200, { ...cart, expiresAt: inSeconds(90), version: 2 }),
      "POST /v1/carts/c1/release": () => json(200, { ...cart, status: "released", version: 3 }),
    });
    const store = new CartStore(client);
    store.subscribe(() => {});
    await store.open({ lines: [{ sku: "shoe", quantity: 1 }] });
    await store.extend();
    expect(store.get()).toMatchObject({ cart: { version: 2 }, secondsLeft: 90 });
    await store.release();
    expect(store.get()).toMatchObject({ cart: { status: "released" }, secondsLeft: null });
  });
});
