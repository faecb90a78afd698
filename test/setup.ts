import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach } from "vitest";

declare global {
  namespace Cloudflare {
    interface Env {
      MIGRATIONS: D1Migration[];
    }
  }
}

// `reset()` drops D1's tables, so every test makes sure of them; migrations that were applied are not applied again.
beforeEach(async () => {
  await applyD1Migrations(env.DB, env.MIGRATIONS);
});
