import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sourceFiles, withoutComments } from "./source-files.ts";

const spec = readFileSync(join(import.meta.dirname, "../../docs/SPEC.md"), "utf8");
const rules = [...spec.matchAll(/^- \*\*([A-Z]{3}\d+)\*\* /gm)].map(([, id]) => id ?? "");

/** Every "[ABC1]" of a title, with the file that has it. */
const named = sourceFiles("test")
  .filter(({ path }) => /\.test\.tsx?$/.test(path))
  .map(withoutComments)
  .flatMap(({ path, text }) => [...text.matchAll(/\[([A-Z]{3}\d+)\]/g)].map(([, id]) => ({ id: id ?? "", path })));

it("every rule of SPEC.md has an id of its own, and a test whose title names it", () => {
  expect(rules.length).toBeGreaterThan(250);
  expect(rules.filter((id, index) => rules.indexOf(id) !== index)).toEqual([]);
  const proved = new Set(named.map(({ id }) => id));
  expect(rules.filter((id) => !proved.has(id))).toEqual([]);
});

it("no test names a rule that SPEC.md does not have", () => {
  const known = new Set(rules);
  expect(named.filter(({ id }) => !known.has(id))).toEqual([]);
});
