import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CartStore, ReservationStore, StockStore, WaitlistStore } from "../../src/client/stores/stores.ts";
import type { Reservation, WaitlistEntry } from "../../src/client/wire.ts";
import { FakeService, json, problem, type Sent, tokenOf } from "./fake-service.ts";
import { FakeSockets, stock } from "./fake-socket.ts";

const NOON = Date.parse("2026-11-24T12:00:00.000Z");
beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const inSeconds = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();

function hold(more: Partial<Reservation> = {}): Reservation {
  return {
    id: "r1",
    sku: "shoe",
    customer: "ann",
    quantity: 1,
    status: "held",
    createdAt: inSeconds(-60),
    expiresAt: inSeconds(60),
    extendableUntil: inSeconds(600),
    confirmedQuantity: 0,
    returnedQuantity: 0,
    orderId: null,
    rescued: false,
    cart: null,
    metadata: {},
    version: 2,
    ...more,
  };
}
function place(more: Partial<WaitlistEntry> = {}): WaitlistEntry {
  const nothing = { reservation: null, offerExpiresAt: null, reason: null };
  return {
    id: "w1",
    sku: "shoe",
    customer: "ann",
    quantity: 1,
    status: "waiting",
    position: 3,
    createdAt: inSeconds(-9),
    ...nothing,
    ...more,
  };
}
const nothing = {
  availableToMe: 1,
  myUnits: 0,
  reservations: [] as Reservation[],
  waitlist: null as WaitlistEntry | null,
};

/** A shopper in front of a service that says what `answers` say by method and path. */
function shopper(answers: Record<string, (sent: Sent) => Response>) {
  const service = new FakeService(
    (sent) => answers[`${sent.method} ${sent.path}`]?.(sent) ?? problem(404, "not-found"),
  );
  const sockets = new FakeSockets();
  return { service, sockets, client: service.client({ WebSocket: sockets.WebSocket, token: tokenOf("shopper") }) };
}
const ME = "GET /v1/skus/shoe/me";
const HOLD = "GET /v1/skus/shoe/reservations/r1";
const changed = (event: string, reservation: Reservation) => ({ type: "reservation", event, reservation });

describe("the stock", () => {
  it("[CLI9] is shown as it changes, over one socket for all who look", async () => {
    const { client, sockets } = shopper({});
    const [store, other] = [new StockStore(client, "shoe"), new StockStore(client, "shoe")];
    const looks = vi.fn();
    const stops = [store.subscribe(looks), other.subscribe(() => {})];
    await pass(50);
    sockets.last.say(stock(3));
    sockets.last.say(stock(3));
    expect([store.get().connection, store.get().stock.shoe?.version, other.get().stock.shoe?.version]).toEqual([
      "live",
      3,
      3,
    ]);
    expect([looks.mock.calls.length, sockets.made.length]).toEqual([2, 1]);
    for (const stop of stops) stop();
    await pass(5_000);
    expect(sockets.last.readyState).toBe(3);
    store.subscribe(looks);
    await pass(50);
    expect([store.get().connection, store.get().stock.shoe?.version]).toEqual(["live", 3]);
  });
});

describe("a reservation", () => {
  it("[CLI9] is found again after a reload, and counted down to the service's end", async () => {
    const { client } = shopper({ [ME]: () => json(200, { ...nothing, reservations: [hold()] }) });
    const store = new ReservationStore(client, "shoe");
    const seconds: (number | null)[] = [];
    store.subscribe(() => seconds.push(store.get().secondsLeft));
    await pass(20);
    expect(store.get()).toMatchObject({ isKnown: true, availableToMe: 1, reservation: { id: "r1" }, secondsLeft: 60 });
    await pass(58_000);
    expect(store.get().secondsLeft).toBe(2);
    expect(new Set(seconds.filter((each) => each !== null)).size).toBe(59);
  });

  it("[CLI9] that has ended unheard is asked about", async () => {
    let reservations = [hold()];
    const { client } = shopper({
      [ME]: () => json(200, { ...nothing, reservations }),
      [HOLD]: () => json(200, hold({ status: "expired", version: 5 })),
    });
    const store = new ReservationStore(client, "shoe");
    store.subscribe(() => {});
    await pass(20);
    reservations = [];
    await pass(62_000);
    expect(store.get()).toMatchObject({ reservation: { status: "expired" }, secondsLeft: null });
  });

  it("[CLI9] that has ended in an outage is asked about until there is an answer", async () => {
    let isDown = false;
    const { client } = shopper({
      [ME]: () => (isDown ? problem(503, "unavailable") : json(200, { ...nothing, reservations: reservations() })),
      [HOLD]: () => json(200, hold({ status: "expired", version: 5 })),
    });
    const reservations = () => (Date.now() < NOON + 60_000 ? [hold()] : []);
    const store = new ReservationStore(client, "shoe");
    store.subscribe(() => {});
    await pass(50_000);
    isDown = true;
    await pass(100_000);
    expect(store.get()).toMatchObject({ reservation: { status: "held" }, secondsLeft: 0, error: { status: 503 } });
    isDown = false;
    await pass(60_000);
    expect(store.get()).toMatchObject({ reservation: { status: "expired" }, secondsLeft: null, error: null });
  });

  it("[CLI9] follows the live channel, and nothing that is older than what it shows", async () => {
    const { client, sockets } = shopper({ [ME]: () => json(200, { ...nothing, reservations: [hold()] }) });
    const store = new ReservationStore(client, "shoe");
    store.subscribe(() => {});
    await pass(50);
    sockets.last.say(changed("extended", hold({ expiresAt: inSeconds(120), version: 7 })));
    sockets.last.say(changed("held", hold()));
    expect(store.get()).toMatchObject({ reservation: { version: 7 }, secondsLeft: 120 });
    sockets.last.say(changed("held", hold({ id: "line", cart: "c1", version: 8 })));
    sockets.last.say(changed("confirmed", hold({ id: "old", version: 9, status: "confirmed" })));
    expect(store.get().reservation?.id).toBe("r1");
    sockets.last.say(changed("expired", hold({ status: "expired", version: 10 })));
    expect(store.get()).toMatchObject({ reservation: { status: "expired" }, secondsLeft: null });
    sockets.last.say(changed("held", hold({ id: "r2", createdAt: inSeconds(0), version: 11 })));
    expect(store.get()).toMatchObject({ reservation: { id: "r2", status: "held" } });
  });

  it("[CLI9] is made, and a refusal is shown with its reasons", async () => {
    let isSoldOut = false;
    const { client } = shopper({
      [ME]: () => json(200, nothing),
      "POST /v1/skus/shoe/reservations": () =>
        isSoldOut
          ? problem(409, "insufficient-stock", { available: 0, state: "sold_out" })
          : json(201, hold({ createdAt: inSeconds(0) })),
      "POST /v1/skus/shoe/reservations/r1/release": () => json(200, hold({ status: "released", version: 3 })),
    });
    const store = new ReservationStore(client, "shoe");
    store.subscribe(() => {});
    await pass(20);
    const call = store.reserve({ quantity: 1 });
    expect(store.get().isBusy).toBe(true);
    expect(await call).toMatchObject({ ok: true });
    expect(store.get()).toMatchObject({ isBusy: false, refusal: null, reservation: { id: "r1" }, secondsLeft: 60 });
    await store.release();
    expect(store.get()).toMatchObject({ reservation: { status: "released" }, secondsLeft: null });
    isSoldOut = true;
    await store.reserve({ quantity: 1 });
    expect(store.get()).toMatchObject({ refusal: { code: "insufficient-stock", state: "sold_out" }, isBusy: false });
  });

  it("[CLI9] is asked for with the same key when the same button is pressed after an outage", async () => {
    let isDown = true;
    const { client, service } = shopper({
      "POST /v1/skus/shoe/reservations": () => (isDown ? problem(400, "invalid-request") : json(201, hold())),
    });
    const store = new ReservationStore(client, "shoe");
    await expect(store.reserve({ quantity: 1 })).rejects.toThrow();
    expect(store.get()).toMatchObject({ error: { code: "invalid-request" }, isBusy: false });
    isDown = false;
    await store.reserve({ quantity: 1 });
    await store.reserve({ quantity: 1 });
    const [first, again, anew] = service.header("Idempotency-Key");
    expect([again === first, anew === first]).toEqual([true, false]);
    await expect(new ReservationStore(client, "shoe").extend()).rejects.toThrow("there is no reservation");
  });
});

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
    sockets.last.say(changed("confirmed", hold({ id: "r2", sku: "laces", cart: "c1", status: "confirmed" })));
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

describe("a place on the waitlist", () => {
  const offered = place({ status: "offered", position: null, reservation: "r9", offerExpiresAt: inSeconds(30) });

  it("[CLI9] is found again, moves up, is offered and counted down, and never goes back", async () => {
    const { client, sockets } = shopper({
      [ME]: () => json(200, { ...nothing, waitlist: place() }),
      "GET /v1/skus/shoe/waitlist/w1": () => json(200, { ...offered, status: "accepted" }),
    });
    const store = new WaitlistStore(client, "shoe");
    store.subscribe(() => {});
    await pass(50);
    expect(store.get()).toMatchObject({ isKnown: true, entry: { position: 3 }, secondsLeft: null });
    sockets.last.say({ type: "waitlist", event: "position", entry: place({ position: 1 }) });
    expect(store.get().entry?.position).toBe(1);
    sockets.last.say({ type: "waitlist", event: "offered", entry: offered });
    sockets.last.say({ type: "waitlist", event: "position", entry: place({ position: 1 }) });
    expect(store.get()).toMatchObject({ entry: { status: "offered" }, secondsLeft: 30 });
    sockets.last.say(changed("confirmed", hold({ id: "r9", status: "confirmed" })));
    await pass(50);
    expect(store.get()).toMatchObject({ entry: { status: "accepted" }, secondsLeft: null });
  });

  it("[CLI9] is taken and left", async () => {
    const { client } = shopper({
      "POST /v1/skus/shoe/waitlist": () => json(201, place()),
      "DELETE /v1/skus/shoe/waitlist/w1": () => new Response(null, { status: 204 }),
      "GET /v1/skus/shoe/waitlist/w1": () => json(200, place({ status: "withdrawn", reason: "left", position: null })),
    });
    const store = new WaitlistStore(client, "shoe");
    await store.join(1);
    expect(await store.leave()).toMatchObject({ ok: true });
    await pass(20);
    expect(store.get().entry).toMatchObject({ status: "withdrawn", reason: "left" });
  });
});

describe("a page of several SKUs", () => {
  it("[CLI9] has one socket for all of them, and nobody takes what is another's", async () => {
    const { client, sockets, service } = shopper({
      [ME]: () => json(200, { ...nothing, reservations: [hold()], waitlist: place() }),
    });
    new StockStore(client, ["shoe", "laces"]).subscribe(() => {});
    const [reservation, waitlist] = [new ReservationStore(client, "shoe"), new WaitlistStore(client, "shoe")];
    reservation.subscribe(() => {});
    waitlist.subscribe(() => {});
    await pass(50);
    expect(sockets.made).toHaveLength(1);
    const calls = service.sent.length;
    sockets.last.say({ type: "snapshot", sku: "laces", reservations: [], waitlist: null });
    await pass(50);
    expect(reservation.get()).toMatchObject({ reservation: { id: "r1", status: "held" } });
    expect(waitlist.get()).toMatchObject({ entry: { id: "w1", status: "waiting" } });
    expect(service.sent).toHaveLength(calls);
    new StockStore(client, ["laces", "socks"]).subscribe(() => {});
    await pass(50);
    expect(sockets.made).toHaveLength(2);
  });
});

describe("a machine whose clock is wrong", () => {
  it("[CLI9] asks less and less whether a hold has ended that it takes to be over", async () => {
    const late = hold({ expiresAt: inSeconds(-1), createdAt: inSeconds(-900) });
    const { client, service } = shopper({ [ME]: () => json(200, { ...nothing, reservations: [late] }) });
    const store = new ReservationStore(client, "shoe");
    store.subscribe(() => {});
    await pass(300_000);
    expect(store.get()).toMatchObject({ reservation: { status: "held" }, secondsLeft: 0 });
    expect(service.sent.length).toBeLessThanOrEqual(16);
  });
});
