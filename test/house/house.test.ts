import { describe, expect, it } from "vitest";
import { places, sourceFiles, withoutComments } from "./source-files.ts";

const everything = sourceFiles("src", "test", "scripts", "bench", "migrations");
const product = sourceFiles("src");
const room = (name: string) => product.filter(({ path }) => path.startsWith(`src/${name}/`)).map(withoutComments);

const maxLines = 300;

describe("the house", () => {
  it("keeps every file under 301 lines", () => {
    const long = everything.filter(({ text }) => text.trimEnd().split("\n").length > maxLines);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it("names files in kebab-case, and by what they hold", () => {
    const kebab = /^[a-z0-9_]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/;
    const vague = /(^|[/.-])((utils?|helpers?|misc|stuff)([/.-]|$)|common[/.])/;
    const badly = everything
      .map(({ path }) => path)
      .filter((path) => vague.test(path) || !kebab.test(path.split("/").at(-1) ?? ""));
    expect(badly).toEqual([]);
  });

  it("has no way around the type checker or the linter", () => {
    const code = everything.map(withoutComments);
    expect(places(code, /(:|\bas)\s+any\b|<an[y]>/)).toEqual([]);
    expect(places(everything, /@ts-(ignore|expect-error|nocheck)|(biome|eslint)-(ignore|disable)/)).toEqual([]);
  });

  it("leaves nothing for later", () => {
    expect(places(everything, /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/)).toEqual([]);
    expect(places(sourceFiles("test"), /\b(it|test|describe)\.(only|skip|todo)\b/)).toEqual([]);
  });
});

describe("src/domain", () => {
  const domain = room("domain");

  it("imports nothing from outside", () => {
    expect(places(domain, /(from|import\()\s*"(?!\.\/)/)).toEqual([]);
  });

  it("has no clock, no chance and no waiting", () => {
    const impure =
      /\b(async|await|Promise|Date|performance|Math\.random|crypto|setTimeout|setInterval|queueMicrotask|fetch|console)\b/;
    expect(places(domain, impure)).toEqual([]);
  });
});

describe("SQL", () => {
  it("is written in src/storage and migrations only", () => {
    const statement =
      /\b(SELECT\s[^;]*?\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX|VIEW)\s)/;
    const literalCall = /\.(exec|prepare)(<[^(]*>)?\(\s*["'`]/;
    const others = [...product, ...sourceFiles("scripts", "bench")]
      .filter(({ path }) => !path.startsWith("src/storage/"))
      .map(withoutComments);
    expect(places(others, statement)).toEqual([]);
    expect(places(others, literalCall)).toEqual([]);
  });
});
