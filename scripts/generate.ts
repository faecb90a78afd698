// npm run generate writes the generated files; with --check it only says which ones are out of date.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { experimental_generateTypes as generateTypes } from "wrangler";
import { createApp } from "../src/http/app.ts";
import { asyncApiDocument } from "../src/http/asyncapi.ts";
import { openApiDocument } from "../src/http/documents.ts";
import { root } from "./root.ts";

type Generated = { path: string; make: (path: string) => Promise<string> };

const files: Generated[] = [
  { path: "src/env.d.ts", make: makeEnvTypes },
  { path: "docs/openapi.json", make: async () => jsonText(openApiDocument(createApp())) },
  { path: "docs/asyncapi.json", make: async () => jsonText(asyncApiDocument()) },
];

const isCheck = process.argv.includes("--check");
process.chdir(root);
for (const { path, make } of files) {
  const content = await make(path);
  if (content === (await readIfPresent(path))) continue;
  if (isCheck) {
    console.error(`${path} is out of date: run npm run generate.`);
    process.exitCode = 1;
  } else {
    await writeFile(path, content);
    console.log(`${path} written`);
  }
}

// wrangler.toml lists the required secrets, so `.dev.vars` has no say in the result.
async function makeEnvTypes(path: string): Promise<string> {
  const { content } = await generateTypes({ path, includeRuntime: false, strictVars: false });
  return `${content}\n`;
}

function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}
