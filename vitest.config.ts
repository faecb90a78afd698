import { readFile } from "node:fs/promises";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { buildWeb } from "./scripts/build-web.ts";
import { scratchFolder } from "./test/scratch.ts";
import { Sequencer } from "./test/sequencer.ts";

// Another Worker, so that what the service sends leaves it for real.
const receiver = await readFile("./test/receiver/receiver.js", "utf8");
// The runner reads this file several times over, some of them at once.
const built = globalThis as { pages?: Promise<void>; scratch?: string };
built.scratch ??= scratchFolder();
process.env.TMPDIR = built.scratch;
built.pages ??= buildWeb();
await built.pages;
const migrations = await readD1Migrations("./migrations");

/** The Worker in its runtime, with a receiver for all that it calls. */
function workerd() {
  return cloudflareTest({
    wrangler: { configPath: "./wrangler.toml" },
    miniflare: {
      bindings: { MIGRATIONS: migrations, AUTH_SECRET: "test-secret-of-more-than-thirty-two-bytes" },
      serviceBindings: { RECEIVER: "receiver" },
      // Whatever the service calls outside arrives there.
      outboundService: "receiver",
      workers: [
        {
          name: "receiver",
          compatibilityDate: "2026-10-01",
          modules: [{ type: "ESModule", path: "receiver.js", contents: receiver }],
        },
      ],
    },
  });
}

export default defineConfig({
  test: {
    // Most files wait for clocks and sockets most of the time, so more of them than cores run at once. Those that have to
    // be in time run alone.
    maxWorkers: 6,
    sequence: { sequencer: Sequencer },
    projects: [
      {
        test: {
          name: "pure",
          include: [
            "test/{domain,contracts,events,house,rehearsal,web}/**/*.test.ts",
            "test/client/*.test.ts",
            "test/{objects,http,live}/plain/*.test.ts",
          ],
          isolate: false,
          // A property's many stories take a second or two each on a machine that does nothing else.
          testTimeout: 30_000,
        },
      },
      // In front of a service on a socket of its own, mostly in a real browser.
      {
        test: {
          name: "service",
          include: ["test/{browser,client/service,socket}/*.test.ts"],
          globalSetup: ["./test/browser/global-setup.ts"],
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // On a busy machine a single look at a page takes longer than the second that a poll has by default.
          expect: { poll: { timeout: 15_000 } },
        },
      },
      // Alone, when all others are through, because beside them nothing happens within a second.
      {
        test: {
          name: "timing-service",
          include: ["test/timing/browser/*.test.ts"],
          globalSetup: ["./test/browser/global-setup.ts"],
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [workerd()],
        test: {
          name: "timing",
          include: ["test/timing/*.test.ts"],
          setupFiles: ["./test/setup.ts"],
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [workerd()],
        test: {
          name: "workerd",
          include: ["test/{objects,http,live,client/workerd}/*.test.ts"],
          isolate: false,
          setupFiles: ["./test/setup.ts"],
          // What has to be fast says so itself; the rest may take what a busy machine needs.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
    ],
  },
});
