import type { DropTerms } from "./model.ts";

/** Asks whether the drop may change in a way that needs all units free, and stops sales until the drop has decided. */
export interface FreezeCommand {
  type: "freeze";
  drop: string;
  /** Number of the drop's change that asks; messages of earlier changes are ignored. */
  turn?: number | undefined;
}
/** The drop's current terms; null: the SKU has left it. Terms that are not newer only end the freeze. */
export interface EnrollCommand {
  type: "enroll";
  drop: string;
  terms: DropTerms | null;
  /** Number of the drop's change that sends this. */
  turn?: number | undefined;
}
