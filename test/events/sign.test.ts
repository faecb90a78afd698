import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { newSecret, signedHeaders } from "../../src/events/sign.ts";

describe("the signature of a delivery", () => {
  it("[WHK6] is that of the vector of Standard Webhooks", async () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    expect(await signedHeaders(id, 1614265330 * 1000 + 999, '{"test": 2432232314}', [secret])).toEqual({
      "webhook-id": id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("[WHK6] is valid with either of two secrets, and with no other", async () => {
    const [first, second, third] = [newSecret(), newSecret(), newSecret()];
    const body = '{"name":"Schuh – 靴"}';
    const headers = await signedHeaders("sku/air:1", Date.now(), body, [second, first]);
    for (const secret of [first, second]) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(third).verify(body, headers)).toThrow();
    expect(() => new Webhook(first).verify(`${body} `, headers)).toThrow();
    const [newest] = (headers["webhook-signature"] ?? "").split(" ");
    const alone = { ...headers, "webhook-signature": newest ?? "" };
    expect(new Webhook(second).verify(body, alone)).toBeTruthy();
    expect(() => new Webhook(first).verify(body, alone)).toThrow();
  });

  it("[WHK6] comes from a secret of 32 bytes of chance", () => {
    const secret = newSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSecret()).not.toBe(secret);
  });
});
