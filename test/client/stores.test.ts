import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Holdfast } from "../../src/client/client.ts";
import { CartStore, ReservationStore, StockStore, WaitlistStore } from "../../src/client/stores/stores.ts";
import { json, problem } from "./fake-service.ts";
import { stock } from "./fake-socket.ts";
import { changed, HOLD, hold, inSeconds, ME, NOON, nothing, pass, place, shopper } from "./shopper.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

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

describe("what is shown of a failure", () => {
  const down = () => problem(400, "invalid-request");
  const RESERVE = "POST /v1/skus/shoe/reservations";

  it("[CLI11] of a press stays while the store reads by itself, whatever comes of that, until the next press", async () => {
    const answers = { [ME]: () => json(200, nothing), [RESERVE]: down };
    const { client, sockets } = shopper(answers);
    const store = new ReservationStore(client, "shoe");
    store.subscribe(() => {});
    await pass(50);
    await store.reserve({ quantity: 1 }).catch(() => {});
    const fault = { error: { code: "invalid-request" }, isBusy: false };
    expect(store.get()).toMatchObject(fault);
    await store.reload();
    sockets.last.say({ type: "snapshot", sku: "shoe", reservations: [], waitlist: null });
    await pass(50);
    expect(store.get()).toMatchObject(fault);
    answers[ME] = () => problem(403, "forbidden");
    await store.reload();
    expect(store.get()).toMatchObject(fault);
    answers[RESERVE] = () => json(201, hold());
    await store.reserve({ quantity: 1 });
    expect(store.get()).toMatchObject({ error: null, refusal: null });
  });

  it.each([
    ["a reservation", (client: Holdfast) => new ReservationStore(client, "shoe")],
    ["a place", (client: Holdfast) => new WaitlistStore(client, "shoe")],
  ])("[CLI11] of reading %s is gone once a snapshot tells", async (_, storeOf) => {
    const { client, sockets } = shopper({ [ME]: () => problem(403, "forbidden") });
    const store = storeOf(client);
    store.subscribe(() => {});
    await pass(50);
    expect(store.get()).toMatchObject({ isKnown: false, error: { code: "forbidden" } });
    sockets.last.say({ type: "snapshot", sku: "shoe", reservations: [], waitlist: null });
    await pass(50);
    expect(store.get()).toMatchObject({ isKnown: true, error: null });
  });

  it("[CLI11] needs not be caught by a button, and can be by whoever waits", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { client } = shopper({
      [ME]: () => json(200, { ...nothing, reservations: [hold()], waitlist: place() }),
      "POST /v1/skus/shoe/reservations/r1/release": down,
      "DELETE /v1/skus/shoe/waitlist/w1": down,
      "POST /v1/carts": down,
    });
    const [reservation, place_, cart] = [
      new ReservationStore(client, "shoe"),
      new WaitlistStore(client, "shoe"),
      new CartStore(client),
    ];
    reservation.subscribe(() => {});
    place_.subscribe(() => {});
    await pass(50);
    // As `onClick={release}` has it: nobody takes what it returns.
    void reservation.release();
    void place_.leave();
    void cart.open({ lines: [] });
    await pass(50);
    expect([reservation, place_, cart].map((store) => store.get().error?.code)).toEqual(
      Array(3).fill("invalid-request"),
    );
    await expect(reservation.release()).rejects.toThrow("invalid-request");
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("a place on the waitlist", () => {
  const offered = place({ status: "offered", position: null, reservation: "r9", offerExpiresAt: inSeconds(30) });

  it("[CLI9] is found again, moves up, is offered and counted down, and never goes back", async () => {
    const { client, sockets } = shopper({
      [ME]: () => json(200, { ...nothing, waitlist: place() }),
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
    sockets.last.say({ type: "waitlist", event: "accepted", entry: { ...offered, status: "accepted" } });
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
    expect(sockets.made.filter(({ readyState }) => readyState === 1)).toHaveLength(1);
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
