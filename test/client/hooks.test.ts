import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
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

  it("say so when they have no client", () => {
    expect(() => renderToString(createElement(Lonely))).toThrow("HoldfastProvider");
  });
});
