// npm run deploy -- [options of wrangler deploy]: brings the remote D1 up to date, then the Worker.
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import { buildWeb } from "./build-web.ts";
import { root } from "./root.ts";
import { run } from "./run.ts";

const database = unstable_readConfig({ config: join(root, "wrangler.toml") }).d1_databases[0];
const isPlaceholder = !database?.database_id || /^[0-]*$/.test(database.database_id);

if (isPlaceholder) {
  console.error(
    "wrangler.toml still has the placeholder database_id. Run `npx wrangler d1 create holdfast` once and put the id that it prints there.",
  );
  process.exitCode = 1;
} else {
  await buildWeb();
  // Migrations come first and only add, so the Worker that still runs can live with them.
  const migrated = await run("wrangler", ["d1", "migrations", "apply", database.binding, "--remote"]);
  process.exitCode = migrated || (await run("wrangler", ["deploy", ...process.argv.slice(2)]));
}
