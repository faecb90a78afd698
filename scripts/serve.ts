// npm run serve -- --port N --state DIR: the Worker on the production runtime, for load and crash tests.
import { parseArgs } from "node:util";
import { startService } from "./service.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8787" }, state: { type: "string", default: ".state" } },
});
const service = await startService({ port: Number(values.port), stateDir: values.state });
console.log(`Holdfast serves on ${service.url} (data in ${values.state}, Ctrl-C stops)`);

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    await service.stop();
    process.exit(0);
  });
}
