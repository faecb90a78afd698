// npm run check: everything that can be known without running the code. All steps run, so that one look shows all.
import { run } from "./run.ts";

const steps: [name: string, command: string, ...args: string[]][] = [
  ["format and lint", "biome", "check", "--error-on-warnings", "."],
  ["lint that knows types", "oxlint", "src", "test", "scripts", "bench"],
  ["types of the Worker", "tsc", "-p", "."],
  ["types of the scripts", "tsc", "-p", "scripts"],
  ["types of the pages", "tsc", "-p", "src/web"],
  ["types of the browser tests", "tsc", "-p", "test/browser"],
  ["unused code", "knip"],
  ["the client as a package", "node", "scripts/client-package.ts"],
  ["generated files", "node", "scripts/generate.ts", "--check"],
];

const failed: string[] = [];
for (const [name, command, ...args] of steps) {
  console.log(`check: ${name}`);
  if ((await run(command, args)) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? "check: all well" : `check: FAILED: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
