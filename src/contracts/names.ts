import { z } from "zod";
import {
  CUSTOMER_CODE_POINTS_MAX,
  ID_CHARS_MAX,
  KEY_CHARS_MAX,
  ORDER_ID_CHARS_MAX,
  REASON_CHARS_MAX,
  SKU_NAME_CHARS_MAX,
  TITLE_CHARS_MAX,
} from "../domain/bounds.ts";

/**
 * The name of a SKU or drop: 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or digit, case-sensitive. It
 * appears in URLs, object names, event streams and metric labels without escaping, and cannot be `.` or `..`.
 */
function plainName() {
  return z
    .string()
    .max(SKU_NAME_CHARS_MAX)
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
      "letters, digits, dot, underscore and hyphen, beginning with a letter or digit",
    );
}

export const skuName = plainName();
export const dropName = plainName();

/** Free text: any script, but no control characters and no broken surrogate pairs. */
function text(charsMax: number) {
  return z
    .string()
    .min(1)
    .max(charsMax)
    .refine(
      (value) => /^[^\p{Cc}\p{Cs}]+$/u.test(value),
      "must have no control characters and no broken surrogate pairs",
    );
}

export const title = text(TITLE_CHARS_MAX);
export const orderId = text(ORDER_ID_CHARS_MAX);
export const reason = text(REASON_CHARS_MAX);

/** Invisible characters: controls, format characters, default-ignorable ones, and halves of surrogate pairs. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const BLANK_AT_AN_END = /^\p{Zs}|\p{Zs}$/u;

/**
 * A customer's name, the same in bodies, queries and tokens. Normalized to NFC, so that names that look the same are
 * the same; invisible characters are refused; case counts.
 */
export const customerName = z
  .string()
  .normalize("NFC")
  .min(1)
  .refine(isInBounds, `1 to ${CUSTOMER_CODE_POINTS_MAX} characters`)
  .refine((name) => !INVISIBLE.test(name), "must have no invisible or control characters")
  .refine((name) => !BLANK_AT_AN_END.test(name), "must not begin or end with blanks")
  .meta({ maxLength: CUSTOMER_CODE_POINTS_MAX });

function isInBounds(name: string): boolean {
  // A code point has at most two characters, so a longer text need not be counted.
  return name.length <= 2 * CUSTOMER_CODE_POINTS_MAX && [...name].length <= CUSTOMER_CODE_POINTS_MAX;
}

/** The id of a reservation, cart or entry, opaque to callers. An unknown id is not found, whatever its form. */
export const opaqueId = text(ID_CHARS_MAX);

export const idempotencyKey = z
  .string()
  .max(KEY_CHARS_MAX)
  .regex(/^[\x21-\x7e]+$/, "1 to 255 visible ASCII characters");
