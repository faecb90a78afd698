import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { STOCK_MAX } from "../../src/domain/bounds.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { scenarios, usualScenario } from "./scenarios/scenarios.ts";

const shoppersMax = 100_000;
const seedMax = 2 ** 32 - 1;

export type Options = {
  scenario: Scenario;
  shoppers: number;
  /** Units of each SKU that is limited. */
  stock: number;
  seed: number;
  url: string | null;
};

/** What the command line asks for; throws with a line for people when it makes no sense. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(Object.keys(scenarios).map((name) => [name, { type: "boolean" } as const])),
      shoppers: { type: "string" },
      stock: { type: "string" },
      seed: { type: "string", default: String(randomInt(1_000_000)) },
      url: { type: "string" },
    },
  });
  const asked = Object.entries(scenarios).filter(([name]) => name in values);
  if (asked.length > 1) throw new Error(`Ask for one of ${asked.map(([name]) => `--${name}`).join(", ")}.`);
  const scenario = asked[0]?.[1] ?? usualScenario;
  const { usual } = scenario;
  return {
    scenario,
    shoppers: wholeNumber("shoppers", values.shoppers ?? `${usual.shoppers}`, 1, shoppersMax),
    stock: wholeNumber("stock", values.stock ?? `${usual.stock}`, 1, STOCK_MAX),
    seed: wholeNumber("seed", values.seed, 0, seedMax),
    url: values.url === undefined ? null : originOf(values.url),
  };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} is a whole number from ${least} to ${most}.`);
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new Error("--url is the http or https address of a running service.");
}
