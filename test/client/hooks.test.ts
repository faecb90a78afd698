import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { createClient } from "../../src/client/client.ts";
import {
  HoldfastProvider,
  useCart,
  useReservation,
  useStock,
  useStocks,
  useWaitlist,
} from "../../src/client/react/hooks.ts";
import { FakeService, json } from "./fake-service.ts";

function Page(): ReactNode {
  const { stock, connection } = useStock("shoe");
  const { stock: sizes } = useStocks(["41", "42"]);
  const { reservation, isKnown, reserve } = useReservation("shoe");
  const { cart, open } = useCart({ sku: "shoe" });
  const { entry, join } = useWaitlist("shoe");
  const calls = [reserve, open, join].map((call) => typeof call);
  return JSON.stringify({ stock, connection, sizes, reservation, isKnown, cart, entry, calls });
}

function Lonely(): ReactNode {
  return useStock("shoe").connection;
}

describe("the hooks", () => {
  it("show what is known before anything is, on a server too, and call nobody there", () => {
    const service = new FakeService(() => json(200, {}));
    const html = renderToString(createElement(HoldfastProvider, { client: service.client() }, createElement(Page)));
    expect(JSON.parse(html.replaceAll("&quot;", '"'))).toEqual({
      stock: null,
      connection: "connecting",
      sizes: {},
      reservation: null,
      isKnown: false,
      cart: null,
      entry: null,
      calls: ["function", "function", "function"],
    });
    expect(service.sent).toEqual([]);
  });

  it("[CLI12] are rendered on a server that has no url, by a client that says so when it is called there", async () => {
    const client = createClient();
    const html = renderToString(createElement(HoldfastProvider, { client }, createElement(Lonely)));
    expect(html).toBe("connecting");
    await expect(client.skus.read("shoe")).rejects.toThrow(new TypeError("createClient needs a url"));
    expect(() => client.live("shoe")).toThrow(TypeError);
    vi.stubGlobal("location", { origin: "https://shop.test" });
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => json(200, { sku: "shoe" })),
    );
    expect(await client.skus.read("shoe")).toMatchObject({ ok: true });
    expect(vi.mocked(fetch).mock.calls[0]?.[0]).toBe("https://shop.test/v1/skus/shoe");
    vi.unstubAllGlobals();
  });

  it("say so when they have no client", () => {
    expect(() => renderToString(createElement(Lonely))).toThrow("HoldfastProvider");
  });
});
