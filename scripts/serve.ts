// npm run serve -- --port N --state DIR: the Worker on the production runtime, for load and crash tests.
import { parseArgs } from "node:util";
import { type Service, startService } from "./service.ts";

try {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "8787" }, state: { type: "string", default: ".state" } },
  });
  const service = await startService({ port: Number(values.port), stateDir: values.state });
  stopOnSignal(service);
  console.log(`Holdfast serves on ${service.url} (data in ${values.state}, Ctrl-C stops)`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function stopOnSignal(service: Service): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // Miniflare's own listener would end this process before the runtime has stopped.
    process.removeAllListeners(signal);
    process.on(signal, async () => {
      if (stopping) return;
      stopping = true;
      await service.stop();
      process.exit(0);
    });
  }
}
