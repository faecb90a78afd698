import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const migrations = await readD1Migrations("./migrations");

export default defineConfig({
  test: {
    projects: [
      { test: { name: "pure", include: ["test/{domain,contracts,events,house,client}/**/*.test.ts"] } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: { MIGRATIONS: migrations, AUTH_SECRET: "test-secret-of-more-than-thirty-two-bytes" },
            },
          }),
        ],
        test: { name: "workerd", include: ["test/{objects,http,live}/**/*.test.ts"], setupFiles: ["./test/setup.ts"] },
      },
    ],
  },
});
