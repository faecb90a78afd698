import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/client/client.ts";
import { instantOf, localOf } from "../../src/web/console/sales/local-time.ts";
import { PolicyFacts } from "../../src/web/console/sales/policy-facts.tsx";

describe("a time that is put in", () => {
  it("is the instant that it is shown for", () => {
    expect(instantOf(localOf("2026-11-24T12:00:05.000Z"))).toBe("2026-11-24T12:00:05.000Z");
    expect(instantOf("")).toBeNull();
  });

  it("is left for the service to refuse when it is none, as a year of five digits", () => {
    expect(instantOf("20266-11-24T12:00")).toBe("20266-11-24T12:00");
  });
});

it("shows of a policy in a drop that the drop's times count too", () => {
  const policy = { opensAt: null, closesAt: null } as Policy;
  const shown = (drop: string | null) => renderToStaticMarkup(createElement(PolicyFacts, { policy, drop }));
  expect(shown(null)).toContain("<dt>Opens</dt><dd>at once</dd>");
  expect(shown("shoes")).toContain("<dt>Opens</dt><dd>with its drop</dd>");
  expect(shown("shoes")).toContain('<a href="#/drops/shoes">shoes</a> has times too');
});
