import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const documents = ["", "docs", "docs/decisions"].flatMap(inFolder).map((path) => ({
  path,
  text: readFileSync(join(root, path), "utf8"),
}));

describe("the documents", () => {
  it("link only to what is there", () => {
    const broken = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !existsSync(join(root, dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("name only files that are there", () => {
    const lost = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:src|test|scripts|bench|docs|migrations)\/[\w./-]+)`/g)]
        .map(([, file = ""]) => file)
        .filter((file) => !existsSync(join(root, file)))
        .map((file) => `${path}: ${file}`),
    );
    expect(lost).toEqual([]);
  });
});
