import { applyD1Migrations, type D1Migration, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { unboundedQueries, watchQueries } from "./query-plans.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      MIGRATIONS: D1Migration[];
    }
  }
}

/** How long a test waits for something that says nothing of time: files that run at once make each other slow. */
const PATIENCE_MS = 10_000;

const { waitFor } = vi;
vi.waitFor = (callback, options = PATIENCE_MS) => waitFor(callback, options);

// Files share a runtime: each begins without the objects and the rows of those before it.
beforeAll(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  await watchQueries();
});

// What any test has an object or D1 do is bounded, and an index says so.
afterAll(async () => {
  expect(await unboundedQueries(), "queries that scan").toEqual([]);
});
