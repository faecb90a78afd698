import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export type SourceFile = { path: string; text: string };

/** All hand-written files of the given folders, with paths as seen from the project's folder. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  // Git keeps no empty folder, so a clone may lack one that is still to be filled.
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  return present.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && isHandWritten(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path: path.slice(root.length + 1), text: readFileSync(path, "utf8") })),
  );
}

/** "path:line" of every match, so that a broken law names the place. */
export function places(files: SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
      ({ index }) => `${path}:${text.slice(0, index).split("\n").length}`,
    ),
  );
}

/** The file with its comments blanked out, line for line: prose may use any word. */
export function withoutComments({ path, text }: SourceFile): SourceFile {
  const blank = (comment: string) => comment.replace(/[^\n]/g, " ");
  return { path, text: text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g, blank) };
}

function isHandWritten(name: string): boolean {
  return /\.(ts|tsx|mjs|sh|sql|css|html)$/.test(name) && name !== "env.d.ts";
}
