import type { Audience } from "../contracts/present.ts";
import type { SkuView } from "../domain/model.ts";

/** The entity tag of a SKU for one audience: it begins with the revision, which is what `If-Match` compares. */
export function tagOf({ revision, version }: SkuView, audience: Audience): string {
  return `"${revision}.${version}${audience === "public" ? "p" : ""}"`;
}

/** Whether an `If-None-Match` names this tag. Compares weakly; it may be a list or `*` (RFC 9110 13.1.2). */
export function namesTag(header: string | undefined, tag: string): boolean {
  return header !== undefined && tagsIn(header).some((given) => given === "*" || given.replace(/^W\//, "") === tag);
}

/** The revisions in an `If-Match`; empty if its tags are invalid, undefined if there is no such condition. */
export function readRevisions(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  return tagsIn(header).flatMap((tag) => {
    const revision = /^"(\d{1,15})(?:\.\d+p?)?"$/.exec(tag)?.[1];
    return revision === undefined ? [] : [Number(revision)];
  });
}

function tagsIn(header: string): string[] {
  return header.split(",").map((tag) => tag.trim());
}
