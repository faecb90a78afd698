import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { root } from "./root.ts";

const path = join(root, ".dev.vars");
const secretBytes = 48;

export type DevVars = { AUTH_SECRET: string } & Record<string, string>;

/** The variables of `.dev.vars`; makes the file, readable by its owner only, or its missing AUTH_SECRET. */
export function ensureDevVars(): DevVars {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const vars = parse(text);
  if (vars.AUTH_SECRET) return { ...vars, AUTH_SECRET: vars.AUTH_SECRET };

  const AUTH_SECRET = randomBytes(secretBytes).toString("base64url");
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  const next = `${text}${separator}AUTH_SECRET="${AUTH_SECRET}"\n`;
  try {
    // "wx" for a new file: of two commands that start at once, one makes the secret and the other one reads it.
    writeFileSync(path, next, { mode: 0o600, flag: text === "" ? "wx" : "w" });
  } catch (error) {
    if (isExisting(error)) return ensureDevVars();
    throw error;
  }
  chmodSync(path, 0o600);
  return { ...vars, AUTH_SECRET };
}

function parse(text: string): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value !== undefined) vars[name] = value;
  }
  return vars;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
