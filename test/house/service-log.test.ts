import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LOG_ERROR_CHARS_MAX } from "../../src/domain/bounds.ts";
import { LOG_LEVELS, Logger, workerLogger } from "../../src/logger.ts";
import { places, sourceFiles, withoutComments } from "./source-files.ts";

afterEach(() => vi.restoreAllMocks());

const service = sourceFiles("src")
  .filter(({ path }) => !/^src\/(web|client)\//.test(path))
  .map(withoutComments);

/** The line that this logs, as it is written. */
function lineOf(log: () => void): string {
  const lines: string[] = [];
  for (const level of ["warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(line));
  }
  log();
  expect(lines).toHaveLength(1);
  return lines[0] ?? "";
}

describe("a line of the log", () => {
  it("[SEC9] is one line of JSON: level, event, object and name, then details", () => {
    const sku = new Logger("sku", "shoe-41");
    const line = lineOf(() => sku.log("d1_write_failed", { retryAt: 5, error: new Error("D1 is\ndown") }));
    expect(line).toBe(
      '{"level":"warn","event":"d1_write_failed","object":"sku","name":"shoe-41","retryAt":5,"error":"Error: D1 is\\ndown"}',
    );
  });

  it("[SEC9] of the Worker has no name, and goes out at its level", () => {
    const line = lineOf(() => workerLogger.log("dead_letters_received", { messages: 2 }));
    expect(line).toBe('{"level":"error","event":"dead_letters_received","object":"worker","messages":2}');
    expect(console.error).toHaveBeenCalledOnce();
  });

  it.each([0, 1])("[SEC9] holds an error of LOG_ERROR_CHARS_MAX + %i characters up to that bound", (more) => {
    const error = "x".repeat(LOG_ERROR_CHARS_MAX + more);
    const line = lineOf(() => workerLogger.log("request_failed", { error }));
    expect(JSON.parse(line).error).toHaveLength(LOG_ERROR_CHARS_MAX);
  });
});

describe("the events of the log", () => {
  const operations = readFileSync(join(import.meta.dirname, "../../docs/OPERATIONS.md"), "utf8");
  const listed = [...operations.matchAll(/^\| `([a-z0-9_]+)` \| (warn|error) \| (.+) \| (.+) \|$/gm)];

  it("[SEC9] are all listed in OPERATIONS.md with their level, and no others", () => {
    const events = Object.entries(LOG_LEVELS).map(([event, level]) => `${event} ${level}`);
    expect(listed.map(([, event, level]) => `${event} ${level}`)).toEqual(events.sort());
  });

  it("[SEC9] are snake_case, and each is logged somewhere", () => {
    const logged = Object.keys(LOG_LEVELS).filter((event) =>
      service.some(({ path, text }) => path !== "src/logger.ts" && text.includes(`"${event}"`)),
    );
    expect(logged).toEqual(Object.keys(LOG_LEVELS));
    expect(logged.filter((event) => !/^[a-z0-9]+(_[a-z0-9]+)*$/.test(event))).toEqual([]);
  });

  it("[SEC9] are written by the logger alone", () => {
    const others = service.filter(({ path }) => path !== "src/logger.ts");
    expect(places(others, /\bconsole\./)).toEqual([]);
  });
});
