import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEYS_ASK_MS, KEYS_FRESH_MS, KEYS_KEPT_MS } from "../../src/domain/bounds.ts";
import { tokenFor } from "../client.ts";
import { stopClock } from "../objects/object-sale.ts";
import type { PlannedAnswer } from "../receiver/endpoint.ts";
import { serviceWith } from "./service.ts";
import { expectProblem } from "./verdict.ts";

const MINUTE = 60_000;
const START = Date.now();

beforeEach(() => {
  stopClock(START);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A key of the shop, and tokens that are signed with it. */
async function newKey(kid: string | null) {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const named = kid === null ? {} : { kid };
  const jwk: JWK = { ...(await exportJWK(publicKey)), alg: "ES256", ...named };
  const token = (sub: string) =>
    new SignJWT({ role: "storefront", sub, exp: Math.floor(START / 1000) + 10 * 24 * 3600 })
      .setProtectedHeader({ alg: "ES256", ...named })
      .sign(privateKey);
  return { jwk, token };
}

/** A key server on a host of its own, and the service that trusts it. */
async function keyServer(...answers: PlannedAnswer[]) {
  const host = `${crypto.randomUUID()}.example`;
  const plan = (...planned: PlannedAnswer[]) => env.RECEIVER.plan(host, planned);
  await plan(...answers);
  const service = serviceWith({ AUTH_JWKS_URL: `https://${host}/jwks` });
  const statusOf = async (as: string) => (await service("GET", "/v1/reservations", { as })).status;
  return { plan, service, statusOf, asked: async () => (await env.RECEIVER.calls(host)).length };
}

const serving = (...keys: { jwk: JWK }[]): PlannedAnswer => ({
  status: 200,
  body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }),
});
const AWAY: PlannedAnswer = { status: 500 };

describe("a key server that is away", () => {
  it.each<[how: string, answer: PlannedAnswer]>([
    ["fails", AWAY],
    ["answers no keys", { status: 200, body: '{"message":"maintenance"}' }],
    ["answers no JSON", { status: 200, body: "<html>" }],
    ["redirects", { status: 302, headers: { Location: "https://elsewhere.example/" } }],
  ])("[SEC8] and %s takes nothing from those whose keys are known, for a day", async (_how, answer) => {
    const key = await newKey("one");
    const { plan, statusOf, service } = await keyServer(serving(key));
    const known = await key.token("known");
    expect(await statusOf(known)).toBe(200);
    await plan(answer);
    for (const later of [11 * MINUTE, KEYS_KEPT_MS / 2, KEYS_KEPT_MS - 1]) {
      stopClock(START + later);
      expect([await statusOf(known), await statusOf(await key.token(`new-${later}`))]).toEqual([200, 200]);
    }
    stopClock(START + KEYS_KEPT_MS);
    for (const as of [known, await key.token("late")]) {
      expectProblem(await service("GET", "/v1/reservations", { as }), "unavailable");
    }
    expect(await statusOf(await tokenFor("admin", "root"))).toBe(200);
    await plan(serving(key));
    stopClock(START + KEYS_KEPT_MS + KEYS_ASK_MS);
    expect(await statusOf(known)).toBe(200);
  });

  it("[SEC8] holds up nobody whose key is known", async () => {
    const key = await newKey("one");
    const { plan, statusOf, asked } = await keyServer(serving(key));
    expect(await statusOf(await key.token("known"))).toBe(200);
    await plan({ ...serving(key), hang: 20_000 });
    stopClock(START + 11 * MINUTE);
    const begun = performance.now();
    for (const sub of ["a", "b", "c"]) expect(await statusOf(await key.token(sub))).toBe(200);
    expect(performance.now() - begun).toBeLessThan(4000);
    await vi.waitFor(async () => expect(await asked()).toBe(2));
  });

  it("[SEC8] from the beginning is an outage, and asked at most every 10 seconds", async () => {
    const key = await newKey("one");
    const { plan, service, statusOf, asked } = await keyServer(AWAY);
    for (const later of [0, 1, KEYS_ASK_MS - 1]) {
      stopClock(START + later);
      const answers = await Promise.all(
        ["a", "b", "c"].map(async (sub) => service("GET", "/v1/reservations", { as: await key.token(sub) })),
      );
      for (const answer of answers) expectProblem(answer, "unavailable");
      expect(await asked()).toBe(1);
    }
    await plan(serving(key));
    stopClock(START + KEYS_ASK_MS);
    expect(await statusOf(await key.token("a"))).toBe(200);
    expect(await asked()).toBe(2);
  });

  it("[SEC8] that hangs is given up, and leaves nobody without an answer", async () => {
    const key = await newKey("one");
    const { statusOf, asked } = await keyServer({ ...serving(key), hang: 20_000 });
    expect(await Promise.all(["a", "b"].map(async (sub) => statusOf(await key.token(sub))))).toEqual([503, 503]);
    expect(await asked()).toBe(1);
  }, 15_000);

  it("[SEC8] cannot say whether a key is unknown: an outage, and not the token's fault", async () => {
    const [one, other] = [await newKey("one"), await newKey("other")];
    const { plan, statusOf } = await keyServer(serving(one));
    expect(await statusOf(await one.token("a"))).toBe(200);
    await plan(AWAY);
    stopClock(START + KEYS_ASK_MS);
    expect(await statusOf(await other.token("a"))).toBe(503);
    expect(await statusOf(await one.token("b"))).toBe(200);
  });
});

describe("a key server that answers", () => {
  it("[SEC8] is asked once by all who come at once", async () => {
    const key = await newKey("one");
    const { statusOf, asked } = await keyServer({ ...serving(key), hang: 300 });
    const subs = Array.from({ length: 10 }, (_none, index) => `sub-${index}`);
    expect(await Promise.all(subs.map(async (sub) => statusOf(await key.token(sub))))).toEqual(Array(10).fill(200));
    expect(await asked()).toBe(1);
  });

  it("[SEC8] is asked at most every 10 seconds, whatever junk comes", async () => {
    const key = await newKey("one");
    const { service, statusOf, asked } = await keyServer(serving(key));
    expect(await statusOf(await key.token("a"))).toBe(200);
    for (const [round, later] of [KEYS_ASK_MS - 1, KEYS_ASK_MS, 2 * KEYS_ASK_MS - 1].entries()) {
      stopClock(START + later);
      const junk = await Promise.all(Array.from({ length: 10 }, (_none, index) => newKey(`junk-${round}-${index}`)));
      for (const { token } of junk) {
        const answer = await service("GET", "/v1/reservations", { as: await token("mallory") });
        expectProblem(answer, "unauthenticated");
        expect(answer.body.detail).toBe("the token is signed with a key that is not known");
      }
      expect(await asked()).toBe(round === 0 ? 1 : 2);
    }
  });

  it("[SEC8] makes a new key known to the first token that names it, and lets the old one go on", async () => {
    const [old, fresh] = [await newKey("old"), await newKey("fresh")];
    const { plan, statusOf } = await keyServer(serving(old));
    expect(await statusOf(await old.token("a"))).toBe(200);
    await plan(serving(old, fresh));
    stopClock(START + KEYS_ASK_MS);
    expect(await statusOf(await fresh.token("a"))).toBe(200);
    expect(await statusOf(await old.token("a"))).toBe(200);
  });

  it("[SEC8] takes a withdrawn key from tokens that were verified before", async () => {
    const [withdrawn, kept] = [await newKey("withdrawn"), await newKey("kept")];
    const { plan, service, statusOf } = await keyServer(serving(withdrawn, kept));
    const [bad, good] = [await withdrawn.token("a"), await kept.token("a")];
    expect([await statusOf(bad), await statusOf(good)]).toEqual([200, 200]);
    await plan(serving(kept));
    stopClock(START + KEYS_FRESH_MS - 1);
    expect(await statusOf(bad)).toBe(200);
    stopClock(START + KEYS_FRESH_MS);
    // Asked for while this call goes on with the old keys; the next ones know.
    await statusOf(good);
    await vi.waitFor(async () =>
      expectProblem(await service("GET", "/v1/reservations", { as: bad }), "unauthenticated"),
    );
    expect(await statusOf(good)).toBe(200);
  });

  it("[SEC8] is no less strict with tokens that name no key: each key is tried while there are several", async () => {
    const [old, fresh, stranger] = [await newKey(null), await newKey(null), await newKey(null)];
    const { service, statusOf } = await keyServer(serving(old, fresh));
    expect([await statusOf(await old.token("a")), await statusOf(await fresh.token("a"))]).toEqual([200, 200]);
    const answer = await service("GET", "/v1/reservations", { as: await stranger.token("a") });
    expectProblem(answer, "unauthenticated");
    expect(answer.body.detail).toBe("the token's signature is wrong");
  });

  it("[SEC8] makes a new key known to tokens that name none, and is asked no more often for junk", async () => {
    const [old, fresh, stranger] = [await newKey(null), await newKey(null), await newKey(null)];
    const { plan, statusOf, asked } = await keyServer(serving(old));
    expect(await statusOf(await old.token("a"))).toBe(200);
    await plan(serving(fresh));
    expect(await statusOf(await fresh.token("a"))).toBe(401);
    stopClock(START + KEYS_ASK_MS);
    expect(await statusOf(await fresh.token("a"))).toBe(200);
    expect(await statusOf(await old.token("a"))).toBe(401);
    for (const sub of ["a", "b", "c"]) expect(await statusOf(await stranger.token(sub))).toBe(401);
    expect(await asked()).toBe(2);
  });

  it("[SEC8] is asked again although the clock was ahead when it was asked before", async () => {
    const [old, fresh] = [await newKey("old"), await newKey("fresh")];
    const { plan, statusOf } = await keyServer(serving(old));
    stopClock(START + 60 * MINUTE);
    expect(await statusOf(await old.token("a"))).toBe(200);
    await plan(serving(old, fresh));
    stopClock(START);
    expect(await statusOf(await fresh.token("a"))).toBe(200);
  });
});
