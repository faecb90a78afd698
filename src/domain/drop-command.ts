import type { DropTerms } from "./model.ts";

/** Asks whether the drop may change in a way that no unit in use may meet, and stops the sale until it has. */
export interface FreezeCommand {
  type: "freeze";
  drop: string;
  /** Which of the drop's changes asks: what an earlier one had to say changes nothing any more. */
  turn?: number | undefined;
}
/** What the drop says now; null: the SKU has left it. Revisions that are not newer change nothing but end the freeze. */
export interface EnrollCommand {
  type: "enroll";
  drop: string;
  terms: DropTerms | null;
  /** Which of the drop's changes says so. */
  turn?: number | undefined;
}
