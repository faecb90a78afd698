import type { Audience } from "../contracts/present.ts";
import type { SkuView } from "../domain/model.ts";

/** The entity tag of a SKU for one audience: it begins with the revision, which is all that `If-Match` compares. */
export function tagOf({ revision, version }: SkuView, audience: Audience): string {
  return `"${revision}.${version}${audience === "public" ? "p" : ""}"`;
}

/** The revision that an `If-Match` asks for; `any` when it asks for none, `none` when no revision can fit. */
export function readRevision(header: string | undefined): number | "any" | "none" {
  if (header === undefined || header.trim() === "*") return "any";
  const revision = /^\s*"(\d{1,15})(?:\.\d+p?)?"\s*$/.exec(header)?.[1];
  return revision === undefined ? "none" : Number(revision);
}
