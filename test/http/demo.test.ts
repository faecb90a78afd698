import { describe, expect, it } from "vitest";
import { tokenFor } from "../client.ts";
import { serviceWith } from "./service.ts";
import { expectProblem } from "./verdict.ts";

const on = { DEMO: "true", SHOPPER_CONFIRM: "true" };
const path = "/demo/session";

describe("POST /demo/session", () => {
  it.each([
    ["DEMO", { ...on, DEMO: "false" }],
    ["SHOPPER_CONFIRM", { ...on, SHOPPER_CONFIRM: "false" }],
  ])("is not there without %s", async (_name, settings) => {
    expectProblem(await serviceWith(settings)("POST", path), "not-found");
  });

  it("makes everybody somebody else, and a known shopper the same again", async () => {
    const demo = serviceWith(on);
    const [first, second] = await Promise.all([demo("POST", path), demo("POST", path)]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body.customer).not.toBe(second.body.customer);
    const again = await demo("POST", path, { as: String(first.body.token) });
    expect(again.body.customer).toBe(first.body.customer);
    const stranger = await demo("POST", path, { as: await tokenFor("admin", "root") });
    expect(stranger.body.customer).toMatch(/^guest-/);
  });

  it("[SEC5] counts against the address of whoever asks", async () => {
    const counted: string[] = [];
    const limit = async ({ key }: { key: string }) => {
      counted.push(key);
      return { success: counted.length <= 2 };
    };
    const demo = serviceWith({ ...on, ADDRESS_RATE: { limit } });
    const headers = { "CF-Connecting-IP": "10.8.0.1" };
    expect((await demo("POST", path, { headers })).status).toBe(201);
    expect((await demo("POST", path, { headers })).status).toBe(201);
    expectProblem(await demo("POST", path, { headers }), "rate-limited");
    expect(counted).toEqual(Array(3).fill("10.8.0.1"));
  });

  it("[SEC4] makes tokens that the settings for issuer and audience let in", async () => {
    const demo = serviceWith({ ...on, AUTH_ISSUER: "https://issuer.example", AUTH_AUDIENCE: "holdfast" });
    const { body } = await demo("POST", path);
    const as = String(body.token);
    expect((await demo("GET", "/v1/reservations", { as })).status).toBe(200);
    expect((await demo("POST", path, { as })).body.customer).toBe(body.customer);
  });
});
