import { afterEach, expect, it, vi } from "vitest";
import { CALLER_PATIENCE_MS } from "../../src/domain/bounds.ts";
import { CartCase } from "./cart-case.ts";
import { DropCase } from "./drop-case.ts";
import { prototypeOf } from "./prototype.ts";

afterEach(() => void vi.restoreAllMocks());

async function measured<Result>(work: Promise<Result>): Promise<{ result: Result; ms: number }> {
  const began = performance.now();
  return { result: await work, ms: performance.now() - began };
}

it("[API13] [DRP10] a cart and a drop answer after nine seconds, in real time, though a SKU never does", async () => {
  const [cart, drop] = [await CartCase.make(), await DropCase.make()];
  expect((await drop.create()).ok).toBe(true);
  const execute = vi.spyOn(await prototypeOf(cart.plain.stub, "execute"), "execute");
  execute.mockImplementation(() => new Promise(() => {}));
  const [opened, patched] = await Promise.all([measured(cart.open()), measured(drop.patch({ paused: true }))]);
  const refusal = { code: "unavailable", outcome: "unknown" };
  expect(opened.result).toMatchObject({ ok: false });
  expect(patched.result).toEqual({ ok: false, refusal });
  for (const { ms } of [opened, patched]) {
    expect(ms).toBeGreaterThanOrEqual(CALLER_PATIENCE_MS - 100);
    expect(ms).toBeLessThan(CALLER_PATIENCE_MS + 3_000);
  }
}, 30_000);
