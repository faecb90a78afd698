// What .ci/run does once dependencies are there. The last line is taken from the test runner's own report.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";

type Report = { numPassedTests: number; numFailedTests: number; numFailedTestSuites: number; success: boolean };

const folder = await mkdtemp(join(tmpdir(), "holdfast-ci-"));
const reportPath = join(folder, "tests.json");

const checked = await run("node", ["scripts/check.ts"]);
const tested = await run("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`]);
const bundled = await run("wrangler", ["deploy", "--dry-run", "--outdir", join(folder, "bundle")]);

const { passed, failed } = count(await readReport());
await rm(folder, { recursive: true, force: true });
if (checked !== 0) console.log("npm run check failed");
if (bundled !== 0) console.log("the bundle failed");
if (tested !== 0 && failed === 0) console.log("the test run failed, though no test did");
process.exitCode = checked === 0 && tested === 0 && bundled === 0 && failed === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);

async function readReport(): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(reportPath, "utf8"));
  } catch {
    return undefined;
  }
}

// A file that cannot even be loaded has no failed tests; it counts as one.
function count(report: Report | undefined): { passed: number; failed: number } {
  if (!report) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numFailedTestSuites, success } = report;
  const failed = numFailedTests || (success ? 0 : Math.max(1, numFailedTestSuites));
  return { passed: numPassedTests, failed };
}
